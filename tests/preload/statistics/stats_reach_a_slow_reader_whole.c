/*
 * Statistics to a pipe that is read slowly arrive whole, also where standard error does not block, and
 * where the pipe has a name.
 * Where a thread is still writing a dump when the program ends, that dump and the last one do.
 * @no-preload
 */
#include <pthread.h>
#include <signal.h>

#include "child.h"

static int ends[2];

/* Less than a dump has, so that its writer has to wait. */
static void fill_classes(void)
{
	EXPECT(fcntl(STDERR_FILENO, F_SETPIPE_SZ, 4096) >= 0, "cannot make the pipe small");
	for (size_t size = 1; size < 65536; size += size / 16 + 1)
		free(malloc(size));
}

static void *wait_for_end(void *argument)
{
	for (;;)
		pause();
	return argument;
}

static int live(const char *part)
{
	pthread_t thread;

	fill_classes();
	if (!strcmp(part, "not blocking"))
		fcntl(STDERR_FILENO, F_SETFL, O_NONBLOCK);
	if (!strcmp(part, "dumping")) {
		pthread_create(&thread, NULL, wait_for_end, NULL);
		pthread_kill(thread, SIGUSR1);
		usleep(1000000);
	}
	return 0;
}

/* Read to the end, in a process of its own. Its exit status is the number of dumps, 99 where one is cut. */
static int read_slowly(void)
{
	static char text[1 << 18];
	size_t length = 0;
	ssize_t got;
	int dumps = 0;

	usleep(600000);
	while ((got = read(ends[0], text + length, 1500)) > 0 && length < sizeof text - 3000) {
		length += (size_t)got;
		usleep(5000);
	}
	for (char *line = text, *end; line < text + length; line = end + 1) {
		end = strchr(line, '\n');
		if (!end || *line != '{' || end[-1] != '}')
			return 99;
		*end = '\0';
		if (!strstr(line, "\"totals\"") || !strstr(line, "\"peak_rss_bytes\""))
			return 99;
		dumps++;
	}
	return dumps;
}

static void use_pipe(void)
{
	dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
}

static void expect_dumps(const char *part, const char *file, int dumps)
{
	static struct child child;
	int status;

	EXPECT(pipe(ends) == 0, "no pipe");
	pid_t reader = fork();
	if (reader == 0) {
		close(ends[1]);
		_exit(read_slowly());
	}
	child_run(&child, part, use_pipe, "TIDEPOOL_STATS=json", "TIDEPOOL_STATS_SIGNAL=USR1", file, NULL);
	close(ends[0]);
	close(ends[1]);
	child_expect_exit(&child, 0);
	EXPECT(waitpid(reader, &status, 0) == reader && WIFEXITED(status), "the reader ended with %#x", status);
	EXPECT(WEXITSTATUS(status) != 99, "%s: a dump is cut", part);
	EXPECT(WEXITSTATUS(status) == dumps, "%s: %d whole dumps, expected %d", part, WEXITSTATUS(status), dumps);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return live(argv[1]);
	expect_dumps("blocking", "TIDEPOOL_STATS_FILE=", 1);
	expect_dumps("blocking", "TIDEPOOL_STATS_FILE=/dev/stderr", 1);
	expect_dumps("not blocking", "TIDEPOOL_STATS_FILE=", 1);
	expect_dumps("dumping", "TIDEPOOL_STATS_FILE=", 2);
	return 0;
}

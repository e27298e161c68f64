/*
 * With TIDEPOOL_STATS_INTERVAL a running program's file gets a line of JSON after the other, by the thread
 * and by slow paths, in every mode and whatever TIDEPOOL_STATS says; without a file one line warns.
 * @no-preload
 * @variants rseq lock norseq
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "child.h"
#include "dump.h"

#define REQUESTS 5000

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
}

/* Without stdio, which allocates: that would be no idle program. */
static int lines_of(const char *path)
{
	static char block[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC), lines = 0;

	for (ssize_t length; fd >= 0 && (length = read(fd, block, sizeof block)) > 0;)
		for (ssize_t i = 0; i < length; i++)
			lines += block[i] == '\n';
	close(fd);
	return lines;
}

static void *do_nothing(void *unused)
{
	return unused;
}

/* Live until the file has some lines: for as long as it takes. Only slow paths see requests over all classes. */
static int live(const char *part)
{
	const char *path = getenv("SERIES");
	int lines = 4;

	if (!strcmp(part, "threads")) {
		pthread_t thread;

		EXPECT(pthread_create(&thread, NULL, do_nothing, NULL) == 0, "no thread");
		pthread_join(thread, NULL);
	}
	if (!strcmp(part, "forked")) {
		int status;

		for (int i = 0; i < REQUESTS; i++)
			free(malloc(100));
		pid_t pid = fork();
		if (pid > 0)
			return waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : 1;
		lines += lines_of(path); /* its parent's */
		printf("%d\n", (int)getpid());
		fflush(stdout);
	}
	while (path && lines_of(path) < lines) {
		if (strcmp(part, "idle"))
			free(malloc(2 << 20));
		pause_a_little();
	}
	return 0;
}

static struct child child;
static char dir[256], series[300], file[400], where[400];

static void expect_series(const char *part, const char *stats, const char *mode, const char *timer, const char *tick)
{
	char path[512];

	child_run(&child, part, NULL, "TIDEPOOL_STATS_INTERVAL=10ms", stats, mode, timer, tick, file, where, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "it said: %s", child.err);
	EXPECT(dump_count(dir, path) == 1, "not one file, after %s %s %s", part, mode, timer);
	FILE *lines = fopen(path, "r");
	double last = -1;
	int count = 0;
	while (fgets(dump_text, sizeof dump_text, lines)) {
		const char *uptime = dump_find(dump_text, "uptime_s");

		if (*dump_text != '{')
			break; /* the dump of the end, for people */
		EXPECT(uptime && strchr(dump_text, '\n'), "not a whole dump: %.80s", dump_text);
		EXPECT(strtod(uptime, NULL) > last, "the lines are not in order");
		last = strtod(uptime, NULL);
		if (!strcmp(part, "forked") && dump_number(dump_text, "pid") != atoi(child.out))
			continue;
		EXPECT(strcmp(part, "forked") || dump_number(dump_section("totals"), "gets") < REQUESTS,
		    "the child counts what its parent did");
		count++;
	}
	EXPECT(count >= (strcmp(part, "forked") ? 4 : 1), "%d lines", count);
	fclose(lines);
	dump_remove_all(dir);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return live(argv[1]);
	child_make_directory(dir);
	snprintf(series, sizeof series, "%s/series", dir);
	snprintf(file, sizeof file, "TIDEPOOL_STATS_FILE=%s", series);
	snprintf(where, sizeof where, "SERIES=%s", series);
	for (int i = 0; i < 3; i++) {
		static const char *const modes[] = { "TIDEPOOL_MODE=pool", "TIDEPOOL_MODE=count", "TIDEPOOL_MODE=off" };

		expect_series("alone", "TIDEPOOL_STATS=off", modes[i], "TIDEPOOL_TIMER=auto", "TIDEPOOL_TICK=10ms");
		expect_series("alone", "TIDEPOOL_STATS=off", modes[i], "TIDEPOOL_TIMER=inline", "TIDEPOOL_TICK=0");
		expect_series("idle", "TIDEPOOL_STATS=off", modes[i], "TIDEPOOL_TIMER=thread", "TIDEPOOL_TICK=0");
		expect_series("idle", "TIDEPOOL_STATS=off", modes[i], "TIDEPOOL_TIMER=thread", "TIDEPOOL_TICK=10ms");
		expect_series("threads", "TIDEPOOL_STATS=text", modes[i], "TIDEPOOL_TIMER=auto", "TIDEPOOL_TICK=10ms");
	}
	expect_series(
	    "forked", "TIDEPOOL_STATS=off", "TIDEPOOL_MODE=pool", "TIDEPOOL_TIMER=inline", "TIDEPOOL_TICK=10ms");
	expect_series(
	    "forked", "TIDEPOOL_STATS=off", "TIDEPOOL_MODE=count", "TIDEPOOL_TIMER=inline", "TIDEPOOL_TICK=10ms");
	child_run(&child, "idle", NULL, "TIDEPOOL_STATS_INTERVAL=10ms", NULL);
	child_expect_exit(&child, 0);
	EXPECT(!strcmp(child.err, "tidepool: TIDEPOOL_STATS_INTERVAL needs a TIDEPOOL_STATS_FILE; using 0\n"),
	    "said: %s", child.err);
	return 0;
}

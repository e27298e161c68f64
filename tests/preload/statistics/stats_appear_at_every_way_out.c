/*
 * With TIDEPOOL_STATS=json every process leaves one dump, whichever way it ends: exit, return from
 * main, quick_exit, _exit, _Exit, and _exit in forked workers, each in a file of its own.
 * @no-preload
 */
#include <pthread.h>

#include "child.h"
#include "dump.h"

#define WORKERS 3

static const char *const ways[] = { "return", "exit", "quick_exit", "_exit", "_Exit", "workers", "thread" };

static void *leave_from_thread(void *argument)
{
	exit(argument != NULL);
}

static int leave(const char *way)
{
	free(malloc(7000));
	if (!strcmp(way, "exit"))
		exit(0);
	if (!strcmp(way, "quick_exit"))
		quick_exit(0);
	if (!strcmp(way, "_exit"))
		_exit(0);
	if (!strcmp(way, "_Exit"))
		_Exit(0);
	if (!strcmp(way, "thread")) {
		pthread_t thread;
		pthread_create(&thread, NULL, leave_from_thread, NULL);
		pause();
	}
	for (int i = 0; !strcmp(way, "workers") && i < WORKERS; i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0) {
			free(malloc(7000));
			_exit(3);
		}
		EXPECT(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3, "the worker's status is lost");
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;
	static char setting[512];
	char dir[256], path[512];

	if (argc > 1)
		return leave(argv[1]);
	child_make_directory(dir);
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p.json", dir);
		child_run(&child, ways[i], NULL, "TIDEPOOL_STATS=json", setting, NULL);
		child_expect_exit(&child, 0);
		EXPECT(
		    !*child.err && !*child.out, "%s: the program's output became %s%s", ways[i], child.err, child.out);
		int expected = strcmp(ways[i], "workers") ? 1 : 1 + WORKERS;
		int count = dump_count(dir, path);
		EXPECT(count == expected, "%s: %d dumps, expected %d", ways[i], count, expected);
		while (dump_count(dir, path) > 0) {
			dump_read(path);
			long long pid = dump_number(dump_text, "pid");
			char name[32];
			snprintf(name, sizeof name, "/%lld.json", pid);
			EXPECT(strstr(path, name), "%s: the dump of process %lld is in %s", ways[i], pid, path);
			EXPECT(dump_number(dump_section("totals"), "gets") > 0, "%s: no gets", ways[i]);
			unlink(path);
		}
	}

	/* without a file they go to stderr */
	child_run(&child, "exit", NULL, "TIDEPOOL_STATS=json", NULL);
	child_expect_exit(&child, 0);
	EXPECT(child.err[0] == '{' && strstr(child.err, "\"totals\""), "stderr has %.200s", child.err);
	return 0;
}

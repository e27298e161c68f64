/*
 * exit, quick_exit, _exit, return, abort, a crash and a signal end a process at once that has the
 * timer's thread, with a tick of an hour and with one of 10 ms, with the pools full and empty.
 * @no-preload
 */
#include <signal.h>

#include "child.h"
#include "tasks.h"

static const struct {
	const char *name;
	int status; /* as from waitpid */
} ends[] = {
	{ "return", 3 << 8 },
	{ "exit", 3 << 8 },
	{ "quick_exit", 3 << 8 },
	{ "_exit", 3 << 8 },
	{ "abort", SIGABRT },
	{ "crash", SIGSEGV },
	{ "kill", SIGTERM },
};

#define ENDS ((int)(sizeof ends / sizeof *ends))

static int end_by(const char *name)
{
	void *objects[500];

	tasks_wait_for_tidepool();
	for (int i = 0; i < 500; i++)
		objects[i] = malloc(5000);
	for (int i = 0; i < 500; i++)
		free(objects[i]);
	if (getenv("WAIT"))
		usleep(60000);
	if (strcmp(name, "exit") == 0)
		exit(3);
	if (strcmp(name, "quick_exit") == 0)
		quick_exit(3);
	if (strcmp(name, "_exit") == 0)
		_exit(3);
	if (strcmp(name, "abort") == 0)
		abort();
	if (strcmp(name, "crash") == 0)
		*(volatile int *)NULL = 1;
	if (strcmp(name, "kill") == 0)
		raise(SIGTERM);
	return 3;
}

int main(int argc, char **argv)
{
	static struct child child;

	if (argc > 1)
		return end_by(argv[1]);
	for (int i = 0; i < ENDS; i++) {
		for (int way = 0; way < 3; way++) {
			child_run(&child, ends[i].name, NULL, "TIDEPOOL_TIMER=thread",
			    way ? "TIDEPOOL_TICK=10ms" : "TIDEPOOL_TICK=1h", way == 2 ? "WAIT=1" : "NOT=1", NULL);
			EXPECT((child.status & ~0x80) == ends[i].status, "%s ended with wait status %#x: %s",
			    ends[i].name, child.status, child.err);
		}
	}
	return 0;
}

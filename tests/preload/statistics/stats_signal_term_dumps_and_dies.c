/*
 * A program without a handler that SIGTERM ends leaves a dump where TIDEPOOL_STATS_SIGNAL=TERM
 * asks for it, and still dies by SIGTERM; while it sleeps, and while its threads allocate.
 * @no-preload
 */
#include <pthread.h>
#include <signal.h>

#include "child.h"
#include "dump.h"

static void *allocate(void *argument)
{
	for (;;)
		free(malloc((size_t)random() % 30000));
	return argument;
}

__attribute__((noreturn)) static void wait_for_end(const char *part)
{
	pthread_t threads[3];

	for (int i = 0; i < 3 && !strcmp(part, "busy"); i++)
		pthread_create(&threads[i], NULL, allocate, NULL);
	free(malloc(7000));
	if (fork() == 0) {
		signal(SIGTERM, SIG_IGN);
		usleep(300000);
		kill(getppid(), SIGTERM);
		raise(SIGKILL); /* leaves no dump of its own */
	}
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	static const char *const parts[] = { "asleep", "busy" };
	static struct child child;
	static char setting[512];
	char dir[256];

	if (argc > 1)
		wait_for_end(argv[1]);
	child_make_directory(dir);
	for (int i = 0; i < 2; i++) {
		snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
		child_run(&child, parts[i], NULL, "TIDEPOOL_STATS=json", "TIDEPOOL_STATS_SIGNAL=TERM", setting, NULL);
		EXPECT(WIFSIGNALED(child.status) && WTERMSIG(child.status) == SIGTERM,
		    "%s: the program ended with wait status %#x, not by SIGTERM", parts[i], child.status);
		dump_read_only(dir);
		EXPECT(dump_number(dump_section("totals"), "gets") > 0, "%s: no gets", parts[i]);
		dump_remove_all(dir);
	}
	return 0;
}

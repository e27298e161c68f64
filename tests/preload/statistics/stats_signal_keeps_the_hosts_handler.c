/*
 * The signal named by TIDEPOOL_STATS_SIGNAL makes a running program dump, as often as it comes, and
 * the program's own handler for it runs too, whether set by sigaction or by signal.
 * @no-preload
 */
#include <signal.h>

#include "child.h"
#include "dump.h"

static volatile sig_atomic_t handled, handled_with_info;

static void handle(int number)
{
	handled += number == SIGUSR1;
}

static void handle_with_info(int number, siginfo_t *info, void *context)
{
	handled_with_info += number == SIGUSR1 && info->si_pid == getpid() && context;
}

static int dumps(const char *dir)
{
	char path[512], text[1 << 12];
	int count = 0, files = dump_count(dir, path);

	if (files == 0)
		return 0;
	if (files > 1)
		return files;
	FILE *file = fopen(path, "r");
	while (fgets(text, sizeof text, file))
		count += strstr(text, "\"totals\"") != NULL;
	fclose(file);
	return count;
}

static int receive(const char *dir)
{
	struct sigaction action = { .sa_sigaction = handle_with_info, .sa_flags = SA_SIGINFO }, old;

	EXPECT(signal(SIGUSR1, handle) == SIG_DFL, "the signal had a handler before the program set one");
	raise(SIGUSR1);
	EXPECT(handled == 1, "the handler set by signal ran %d times", (int)handled);
	EXPECT(dumps(dir) == 1, "%d dumps after the first signal", dumps(dir));

	EXPECT(sigaction(SIGUSR1, &action, &old) == 0 && old.sa_handler == handle,
	    "sigaction does not return the program's own handler");
	raise(SIGUSR1);
	EXPECT(handled_with_info == 1 && handled == 1, "the handler set by sigaction ran %d times",
	    (int)handled_with_info);
	EXPECT(dumps(dir) >= 1, "the dump is gone");

	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	free(malloc(7000));
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;
	static char setting[512];
	char dir[256], path[512];

	if (argc > 1)
		return receive(argv[1]);
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	child_run(&child, dir, NULL, "TIDEPOOL_STATS=json", "TIDEPOOL_STATS_SIGNAL=USR1", setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	EXPECT(dump_count(dir, path) >= 1, "no dump is left");
	return 0;
}

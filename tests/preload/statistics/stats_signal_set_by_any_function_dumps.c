/*
 * Whichever of libc's functions sets the program's handler for the signal named by
 * TIDEPOOL_STATS_SIGNAL, signal, bsd_signal, ssignal, sysv_signal or __sysv_signal: the handler
 * runs as that function promises, and each signal dumps.
 * @no-preload
 */
#include <errno.h>
#include <signal.h>

#include "child.h"

extern sighandler_t bsd_signal(int, sighandler_t);

static const struct {
	const char *name;
	sighandler_t (*function)(int, sighandler_t);
	int serves_once;
} ways[] = {
	{ "signal", signal, 0 },
	{ "bsd_signal", bsd_signal, 0 },
	{ "ssignal", ssignal, 0 },
	{ "sysv_signal", sysv_signal, 1 },
	{ "__sysv_signal", __sysv_signal, 1 },
};

#define WAYS ((int)(sizeof ways / sizeof *ways))
#define RAISES 3

static volatile sig_atomic_t handled, masked;

static void handle(int number)
{
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	masked = sigismember(&mask, number);
	handled += number == SIGUSR1;
}

static int set_and_raise(void)
{
	for (int i = 0; i < WAYS; i++) {
		const char *name = ways[i].name;

		EXPECT(ways[i].function(SIGUSR1, handle) == SIG_DFL, "%s: another handler was there", name);
		handled = 0;
		for (int k = 0; k < RAISES; k++)
			raise(SIGUSR1);
		EXPECT(handled == (ways[i].serves_once ? 1 : RAISES), "%s: the handler ran %d times", name, handled);
		EXPECT(masked == !ways[i].serves_once, "%s: the signal was %smasked", name, masked ? "" : "not ");
		errno = 0;
		EXPECT(ways[i].function(SIGUSR1, SIG_ERR) == SIG_ERR && errno == EINVAL, "%s takes SIG_ERR", name);
		sighandler_t left = ways[i].function(SIGUSR1, SIG_DFL);
		EXPECT(left == (ways[i].serves_once ? SIG_DFL : handle), "%s: another handler is left", name);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;
	int dumps = 0;

	(void)argv;
	if (argc > 1)
		return set_and_raise();
	child_run(&child, "run", NULL, "TIDEPOOL_STATS=json", "TIDEPOOL_STATS_SIGNAL=USR1", NULL);
	child_expect_exit(&child, 0);
	for (const char *at = child.err; (at = strstr(at, "\"totals\"")); at++)
		dumps++;
	EXPECT(dumps == WAYS * RAISES + 1, "%d dumps came of %d signals and the end", dumps, WAYS * RAISES);
	return 0;
}

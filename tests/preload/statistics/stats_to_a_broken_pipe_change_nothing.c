/*
 * Statistics to a pipe that nobody reads any more are lost, and that is all: the program ends as it
 * would have, no SIGPIPE is left behind, and one that the program had waiting still waits.
 * @no-preload
 */
#include <errno.h>
#include <signal.h>

#include "child.h"

static void break_standard_error(void)
{
	int ends[2];

	EXPECT(pipe(ends) == 0, "no pipe");
	dup2(ends[1], STDERR_FILENO);
	close(ends[0]);
	close(ends[1]);
}

static int pipe_signal_is_pending(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGPIPE);
}

/* What went wrong is the exit status: there is no standard error to say it on. */
static int live(void)
{
	sigset_t pipe_signal;

	errno = 0;
	raise(SIGUSR1);
	if (errno != 0)
		return 1;
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe_signal, NULL);
	raise(SIGUSR1);
	if (pipe_signal_is_pending())
		return 2;
	raise(SIGPIPE);
	raise(SIGUSR1);
	if (!pipe_signal_is_pending())
		return 3;
	signal(SIGPIPE, SIG_IGN); /* discards it */
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &pipe_signal, NULL);
	return 7;
}

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1)
		return live();
	child_run(&child, "live", break_standard_error, "TIDEPOOL_STATS=json", "TIDEPOOL_STATS_SIGNAL=USR1", NULL);
	child_expect_exit(&child, 7);
	return 0;
}

/*
 * The signal named by TIDEPOOL_STATS_SIGNAL, ignored or left to its default by the program with
 * whatever flags, dumps and does nothing more: nothing is called, and no system call of the
 * program ends early.
 * @env TIDEPOOL_STATS=json
 * @env TIDEPOOL_STATS_FILE=/dev/null
 * @env TIDEPOOL_STATS_SIGNAL=USR1
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "expect.h"

static void raise_with(void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags }, now;

	EXPECT(sigaction(SIGUSR1, &action, NULL) == 0, "sigaction failed");
	raise(SIGUSR1);
	EXPECT(sigaction(SIGUSR1, NULL, &now) == 0 && now.sa_handler == handler && now.sa_flags == flags,
	    "flags %#x became %#x", flags, now.sa_flags);
}

/* Read from a pipe while another process sends the signal, and only then writes. */
static void read_under_signals(void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };
	int ends[2], status;
	char byte;

	EXPECT(sigaction(SIGUSR1, &action, NULL) == 0 && pipe(ends) == 0, "no pipe");
	pid_t pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 5; i++) {
			usleep(50000);
			kill(getppid(), SIGUSR1);
		}
		usleep(50000);
		_exit(write(ends[1], "x", 1) != 1);
	}
	ssize_t length = read(ends[0], &byte, 1);
	EXPECT(length == 1, "read was ended by the signal: %s", strerror(errno));
	EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	raise_with(SIG_IGN, 0);
	raise_with(SIG_IGN, SA_SIGINFO);
	raise_with(SIG_DFL, SA_SIGINFO);
	raise_with(SIG_IGN, SA_SIGINFO | (int)SA_RESETHAND);
	read_under_signals(SIG_IGN);
	read_under_signals(SIG_DFL);
	return 0;
}

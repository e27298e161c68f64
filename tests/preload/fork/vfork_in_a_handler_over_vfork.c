/*
 * A signal handler may vfork, also over a vfork: neither waits for the other.
 */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

#define PERIOD_US 211
#define SECONDS 4

static void vfork_once(int number)
{
	pid_t pid = vfork();

	(void)number;
	if (pid == 0)
		_exit(0);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int main(void)
{
	struct sigaction action = { .sa_handler = vfork_once, .sa_flags = SA_RESTART };
	struct itimerval period = { { 0, PERIOD_US }, { 0, PERIOD_US } }, none = { 0 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &period, NULL);
	for (time_t end = time(NULL) + SECONDS; time(NULL) < end;)
		vfork_once(0);
	setitimer(ITIMER_REAL, &none, NULL);
	return 0;
}

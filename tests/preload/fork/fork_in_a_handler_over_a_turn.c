/*
 * A program with one thread forks in a signal handler, over whatever it did: also over a turn of the generations.
 * The child gets out of the handler and ends; it does not wait for the frame below it.
 */
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

#define OBJECTS 2000
#define PERIOD_US 1207 /* a fork takes a part of it */
#define SECONDS 4
#define HANG_S 20

static void fork_once(int number)
{
	int status;
	pid_t pid = fork();

	(void)number;
	if (pid == 0) {
		alarm(HANG_S);
		_exit(0);
	}
	EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "wait status %#x", status);
}

int main(void)
{
	struct sigaction action = { .sa_handler = fork_once, .sa_flags = SA_RESTART };
	struct itimerval period = { { 0, PERIOD_US }, { 0, PERIOD_US } }, none = { 0 };
	static void *objects[OBJECTS];

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &period, NULL);
	for (time_t end = time(NULL) + SECONDS; time(NULL) < end;) {
		for (size_t i = 0; i < OBJECTS; i++)
			objects[i] = malloc(i);
		for (size_t i = 0; i < OBJECTS; i++)
			free(objects[i]);
		malloc_trim(0);
	}
	setitimer(ITIMER_REAL, &none, NULL);
	return 0;
}

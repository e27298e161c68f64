/*
 * A thread asks for its program's first large block while another forks: the child, in which that
 * thread is gone, gets large blocks too.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"

#define TRIALS 400
#define LARGE_BYTES ((size_t)4 << 20)

static atomic_bool ready;

static void *take_first(void *unused)
{
	atomic_store(&ready, true);
	free(malloc(LARGE_BYTES));
	return unused;
}

/* Wait for a child that ends by SIGALRM where it hangs. */
static void expect_end(pid_t pid, int trial)
{
	int status;

	EXPECT(pid > 0 && waitpid(pid, &status, 0) == pid, "trial %d: no child", trial);
	EXPECT(status == 0, "trial %d: wait status %#x%s", trial, status,
	    WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? ": it hung" : "");
}

/* In a process of its own, as there is one first block in each. */
static void try_once(int trial)
{
	struct timespec start, now;
	pthread_t thread;

	pthread_create(&thread, NULL, take_first, NULL);
	while (!atomic_load(&ready))
		;
	/* A little later in each trial: over about as long as the first block takes. */
	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < trial * 500);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(20);
		void *block = malloc(LARGE_BYTES);
		_exit(block ? 0 : 1);
	}
	pthread_join(thread, NULL);
	expect_end(pid, trial);
}

int main(void)
{
	for (int trial = 0; trial < TRIALS; trial++) {
		pid_t pid = fork();

		if (pid == 0) {
			try_once(trial);
			_exit(0);
		}
		expect_end(pid, trial);
	}
	return 0;
}

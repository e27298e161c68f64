/*
 * Children of children, 30 generations deep, start threads that allocate, and free what their
 * ancestors allocated.
 */
#include <sys/wait.h>

#include "churn.h"

#define DEPTH 30

static struct churn own, churns[2];

static void live(int depth)
{
	pthread_t threads[2];

	own.alone = true;
	churn_steps(&own, 1000);
	atomic_store(&churn_stop, false);
	for (unsigned i = 0; i < 2; i++) {
		churn_init(&churns[i], 100 * depth + i + 1);
		churns[i].alone = true;
		pthread_create(&threads[i], NULL, churn_thread, &churns[i]);
	}
	churn_steps(&own, 1000);
	if (depth > 0) {
		pid_t pid = fork();
		EXPECT(pid >= 0, "cannot fork: %s", strerror(errno));
		if (pid == 0) {
			alarm(60); /* a deadlock ends by SIGALRM */
			live(depth - 1);
			_exit(0);
		}
		churn_end(threads, 2);
		int status;
		EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
		EXPECT(status == 0, "at depth %d the child ended with wait status %#x", depth, status);
	} else {
		churn_end(threads, 2);
	}
	churn_finish(&own);
}

int main(void)
{
	churn_init_slots();
	churn_init(&own, 1);
	live(DEPTH);
	return 0;
}

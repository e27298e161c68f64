/*
 * 10,000 forks from four threads while two others allocate: every child allocates, frees what it
 * inherited, and none deadlocks.
 */
#include <signal.h>
#include <sys/wait.h>

#include "churn.h"

#define FORKERS 4
#define FORKS_EACH 2500
#define ALLOCATORS 2
#define DOUBLINGS 6 /* small objects: every fork makes the kernel copy what is written after it */

static void *fork_often(void *argument)
{
	struct churn *churn = argument;

	for (int i = 0; i < FORKS_EACH; i++) {
		churn_steps(churn, 10);
		pid_t pid = fork();
		EXPECT(pid >= 0, "cannot fork: %s", strerror(errno));
		if (pid == 0) {
			alarm(60); /* a deadlock ends by SIGALRM */
			churn->alone = true;
			churn_steps(churn, 40);
			if (i % 16 == 0)
				churn_finish(churn);
			_exit(0);
		}
		int status;
		EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
		EXPECT(status == 0, "child %d ended with wait status %#x%s", i, status,
		    WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? ": it hung" : "");
	}
	churn_finish(churn);
	return NULL;
}

int main(void)
{
	static struct churn churns[ALLOCATORS], fork_churns[FORKERS];
	pthread_t allocators[ALLOCATORS], forkers[FORKERS];

	churn_init_slots();
	for (int i = 0; i < ALLOCATORS; i++) {
		churn_init(&churns[i], 1 + i);
		churns[i].doublings = DOUBLINGS;
		pthread_create(&allocators[i], NULL, churn_thread, &churns[i]);
	}
	for (int i = 0; i < FORKERS; i++) {
		churn_init(&fork_churns[i], 100 + i);
		fork_churns[i].doublings = i ? DOUBLINGS : CHURN_DOUBLINGS;
		pthread_create(&forkers[i], NULL, fork_often, &fork_churns[i]);
	}
	for (int i = 0; i < FORKERS; i++)
		pthread_join(forkers[i], NULL);
	churn_end(allocators, ALLOCATORS);
	churn_finish_slots();
	return 0;
}

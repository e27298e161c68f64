/*
 * 2,000 forks while the timer's thread turns the generations every 10 ms and other threads allocate
 * and trim: no child hangs, and every hundredth waits for a thread of its own.
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_TIMER=thread
 */
#include <signal.h>
#include <sys/wait.h>

#include "churn.h"
#include "tasks.h"

#define FORKS 2000
#define DOUBLINGS 6

static void *trim(void *unused)
{
	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed)) {
		malloc_trim(0);
		usleep(100);
	}
	return unused;
}

int main(void)
{
	static struct churn churns[2];
	pthread_t allocator, trimmer;

	churn_init_slots();
	for (unsigned i = 0; i < 2; i++) {
		churn_init(&churns[i], i + 1);
		churns[i].doublings = DOUBLINGS;
	}
	EXPECT(pthread_create(&allocator, NULL, churn_thread, &churns[0]) == 0, "no thread");
	EXPECT(pthread_create(&trimmer, NULL, trim, NULL) == 0, "no thread");
	for (int i = 0; i < FORKS; i++) {
		int status;

		churn_steps(&churns[1], 20);
		pid_t pid = fork();
		EXPECT(pid >= 0, "cannot fork: %s", strerror(errno));
		if (pid == 0) {
			alarm(30); /* a deadlock ends by SIGALRM */
			churns[1].alone = true;
			churn_steps(&churns[1], 20);
			if (i % 100 == 0) {
				free(malloc(100000)); /* no fast path */
				tasks_wait_for_tidepool();
				churn_finish(&churns[1]);
				malloc_trim(0);
			}
			_exit(0);
		}
		EXPECT(waitpid(pid, &status, 0) == pid, "cannot wait for the child");
		EXPECT(status == 0, "child %d ended with wait status %#x%s", i, status,
		    WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? ": it hung" : "");
	}
	churn_finish(&churns[1]);
	churn_end(&allocator, 1);
	pthread_join(trimmer, NULL);
	churn_finish_slots();
	return 0;
}

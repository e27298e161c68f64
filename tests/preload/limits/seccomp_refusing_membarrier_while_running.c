/*
 * A running program installs a filter that refuses membarrier (and rseq, where glibc does not insist
 * on it): it goes on, makes threads, forks, and no object is handed out twice.
 */
#include <sys/rseq.h>
#include <sys/wait.h>

#include "churn.h"
#include "filter.h"

#define THREADS 3

int main(void)
{
	static const int refused[] = { SYS_membarrier, SYS_rseq };
	static struct churn churns[THREADS], late_churns[THREADS];
	pthread_t threads[THREADS], late_threads[THREADS];

	churn_init_slots();
	churn_start(threads, churns, THREADS, 1);
	/* glibc aborts where it has registered rseq for one thread and cannot for the next */
	filter_refuse(refused, __rseq_size ? 1 : 2, EPERM);
	churn_start(late_threads, late_churns, THREADS, 100);
	for (int i = 0; i < 20; i++) {
		int status;
		pid_t pid = i % 2 ? fork() : vfork();
		if (pid == 0)
			_exit(0);
		EXPECT(waitpid(pid, &status, 0) == pid && status == 0, "the child ended with %#x", status);
		usleep(100000);
	}
	churn_end(late_threads, THREADS);
	churn_end(threads, THREADS);
	churn_finish_slots();
	return 0;
}

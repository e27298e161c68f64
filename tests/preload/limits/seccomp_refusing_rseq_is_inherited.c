/*
 * A filter that refuses rseq and membarrier, with ENOSYS as an old kernel does or EPERM as a
 * sandbox does, is there from the start: the program works, and no object is handed out twice.
 * @no-preload
 */
#include "child.h"
#include "churn.h"
#include "filter.h"

#define THREADS 5

static const int refused[] = { SYS_rseq, SYS_membarrier };
static int refusal;

static void refuse(void)
{
	filter_refuse(refused, 2, refusal);
}

static int live_without_rseq(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];

	EXPECT(syscall(SYS_membarrier, 0, 0, 0) == -1, "the filter is not in force");
	churn_init_slots();
	churn_start(threads, churns, THREADS, 1);
	sleep(2);
	churn_end(threads, THREADS);
	churn_finish_slots();
	return 0;
}

int main(int argc, char **argv)
{
	static const int refusals[] = { ENOSYS, EPERM };
	static struct child child;

	(void)argv;
	if (argc > 1)
		return live_without_rseq();
	for (int i = 0; i < 2; i++) {
		refusal = refusals[i];
		child_run(&child, "live", refuse, NULL);
		if (WIFEXITED(child.status) && WEXITSTATUS(child.status) == EXPECT_SKIPPED)
			SKIP("%s", child.err);
		child_expect_exit(&child, 0);
		EXPECT(!*child.err, "stderr has %s", child.err);
	}
	return 0;
}

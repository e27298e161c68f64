/*
 * Threads write values into objects of all sizes, keep them over a random number of operations and
 * find them unchanged, while the generations turn every 10 ms by the program's own slow paths.
 * @env TIDEPOOL_TICK=10ms
 * @env TIDEPOOL_TIMER=inline
 * @variants rseq lock delay norseq
 */
#include <time.h>

#include "churn.h"

#define THREADS 10
#define SECONDS 3

int main(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];
	uint64_t steps = 0;

	churn_init_slots();
	churn_start(threads, churns, THREADS, 1);
	sleep(SECONDS);
	churn_end(threads, THREADS);
	churn_finish_slots();
	for (unsigned i = 0; i < THREADS; i++)
		steps += churns[i].steps;
	EXPECT(steps > 1000, "only %llu steps were made", (unsigned long long)steps);
	return 0;
}

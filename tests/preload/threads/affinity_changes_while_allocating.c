/*
 * Threads that allocate are moved from CPU to CPU, by themselves and by another thread, thousands
 * of times: no object is handed out twice.
 * @variants rseq lock delay norseq
 */
#include <sched.h>
#include <time.h>

#include "churn.h"
#include "places.h"

#define THREADS 4

static _Atomic pid_t tids[THREADS];

static void *allocate_and_move(void *argument)
{
	struct churn *churn = argument;

	tids[churn->id - 1] = gettid();
	while (!churn_stop) {
		churn_steps(churn, 1 + churn_random(churn) % 200);
		places_stay(0, (unsigned)churn_random(churn));
	}
	churn_finish(churn);
	return NULL;
}

int main(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];

	places_find();
	churn_init_slots();
	for (unsigned i = 0; i < THREADS; i++) {
		churn_init(&churns[i], i + 1);
		EXPECT(pthread_create(&threads[i], NULL, allocate_and_move, &churns[i]) == 0, "no thread");
	}
	for (uint64_t i = 0; i < 15000; i++) {
		struct timespec pause = { 0, 100000 };
		nanosleep(&pause, NULL);
		if (tids[i % THREADS])
			places_stay(tids[i % THREADS], (unsigned)(i / THREADS));
	}
	churn_end(threads, THREADS);
	churn_finish_slots();
	return 0;
}

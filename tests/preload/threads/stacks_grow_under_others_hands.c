/*
 * Threads share one CPU and are interrupted thousands of times a second to let the others run, while
 * generations turn without a pause, so that stacks begin closed and grow all the time, moving what the
 * others push and pop: no object is lost or handed out twice.
 * @env TIDEPOOL_ADMIT=0
 * @variants rseq lock delay norseq
 */
#include <malloc.h>

#include "interrupted.h"
#include "places.h"

#define THREADS 4
#define SECONDS 4
#define BURST 600

static void let_others_run(int number)
{
	(void)number;
	sched_yield();
}

static void *burst(void *argument)
{
	struct churn *churn = argument;
	timer_t timer = interrupted_often(100000);

	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed)) {
		size_t size = (size_t)32 << churn_random(churn) % 4;
		interrupted_burst(churn, size, 1 + (int)(churn_random(churn) % BURST));
	}
	timer_delete(timer);
	return NULL;
}

int main(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];
	struct sigaction action = { .sa_handler = let_others_run, .sa_flags = SA_RESTART };

	places_find();
	places_stay(0, 0);
	sigaction(SIGUSR1, &action, NULL);
	for (unsigned i = 0; i < THREADS; i++) {
		churn_init(&churns[i], 1 + i);
		EXPECT(pthread_create(&threads[i], NULL, burst, &churns[i]) == 0, "no thread");
	}
	for (int i = 0; i < SECONDS * 1000; i++) {
		malloc_trim(0);
		usleep(1000);
	}
	churn_end(threads, THREADS);
	return 0;
}

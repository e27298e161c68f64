/*
 * Threads allocate and free objects of one size in bursts larger than a cache holds, so that batches
 * move between caches and slabs all the time, while timers' signals interrupt them thousands of
 * times a second: no object is lost or handed out twice.
 * @variants rseq lock delay norseq
 */
#include "interrupted.h"

#define THREADS 4
#define SECONDS 4

static void ignore(int number)
{
	(void)number;
}

static void *burst_under_signals(void *argument)
{
	struct churn *churn = argument;
	timer_t timer = interrupted_often(50000);

	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed))
		interrupted_burst(churn, (size_t)32 << churn_random(churn) % 8, INTERRUPTED_BURST);
	timer_delete(timer);
	return NULL;
}

int main(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];
	struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	for (unsigned i = 0; i < THREADS; i++) {
		churn_init(&churns[i], i + 1);
		EXPECT(pthread_create(&threads[i], NULL, burst_under_signals, &churns[i]) == 0, "no thread");
	}
	for (unsigned left = SECONDS; left;)
		left = sleep(left);
	churn_end(threads, THREADS);
	return 0;
}

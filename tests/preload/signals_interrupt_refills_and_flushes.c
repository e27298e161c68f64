/*
 * Threads allocate and free objects of one size in bursts larger than a cache holds, so that batches
 * move between caches and slabs all the time, while timers' signals interrupt them thousands of
 * times a second: no object is lost or handed out twice.
 * @variants rseq lock delay norseq
 */
#include <signal.h>
#include <time.h>

#include "churn.h"

#define THREADS 4
#define SECONDS 4
#define BURST 700

static void ignore(int number)
{
	(void)number;
}

static void *burst_under_signals(void *argument)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec often = { { 0, 50000 }, { 0, 50000 } };
	struct churn_record held[BURST];
	struct churn *churn = argument;
	timer_t timer;

	event._sigev_un._tid = gettid();
	EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "no timer: %s", strerror(errno));
	EXPECT(timer_settime(timer, 0, &often, NULL) == 0, "no timer: %s", strerror(errno));
	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed)) {
		size_t size = (size_t)32 << churn_random(churn) % 8;
		for (int i = 0; i < BURST; i++) {
			void *object = malloc(size);
			EXPECT(object, "no memory for %zu bytes", size);
			churn_stamp(churn, &held[i], object, size);
		}
		for (int i = 0; i < BURST; i++)
			churn_release(&held[i]);
	}
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

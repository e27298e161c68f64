/*
 * Each allocating thread is interrupted by a timer's signals thousands of times a second, so that
 * many arrive within malloc and free: no object is handed out twice.
 * @variants rseq lock delay norseq
 */
#include <signal.h>
#include <time.h>

#include "churn.h"

#define THREADS 4
#define SECONDS 3

static atomic_long signals;

static void count_signal(int number)
{
	(void)number;
	atomic_fetch_add_explicit(&signals, 1, memory_order_relaxed);
}

static void *allocate_under_signals(void *argument)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec often = { { 0, 100000 }, { 0, 100000 } };
	timer_t timer;

	event._sigev_un._tid = gettid();
	EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "no timer: %s", strerror(errno));
	EXPECT(timer_settime(timer, 0, &often, NULL) == 0, "no timer: %s", strerror(errno));
	churn_thread(argument);
	timer_delete(timer);
	return NULL;
}

int main(void)
{
	static struct churn churns[THREADS];
	pthread_t threads[THREADS];
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &action, NULL);
	churn_init_slots();
	for (unsigned i = 0; i < THREADS; i++) {
		churn_init(&churns[i], i + 1);
		EXPECT(pthread_create(&threads[i], NULL, allocate_under_signals, &churns[i]) == 0, "no thread");
	}
	for (unsigned left = SECONDS; left;)
		left = sleep(left);
	churn_end(threads, THREADS);
	churn_finish_slots();
	EXPECT(signals > 100, "only %ld signals arrived", signals);
	return 0;
}

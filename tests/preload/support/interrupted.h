/*
 * Threads that SIGUSR1 interrupts thousands of times a second, and bursts of objects of one size. The handler of the
 * signal is the test's.
 */
#ifndef TEST_INTERRUPTED_H
#define TEST_INTERRUPTED_H

#include <signal.h>
#include <time.h>

#include "churn.h"

#define INTERRUPTED_BURST 700 /* objects at most */

/* Interrupt this thread every @period_ns nanoseconds, until the timer is deleted. */
static inline timer_t interrupted_often(long period_ns)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct itimerspec often = { { 0, period_ns }, { 0, period_ns } };
	timer_t timer;

	event._sigev_un._tid = gettid();
	EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0, "no timer: %s", strerror(errno));
	EXPECT(timer_settime(timer, 0, &often, NULL) == 0, "no timer: %s", strerror(errno));
	return timer;
}

/* Take @count objects of @size bytes, then free them. */
static inline void interrupted_burst(struct churn *churn, size_t size, int count)
{
	static _Thread_local struct churn_record held[INTERRUPTED_BURST];

	for (int i = 0; i < count; i++) {
		void *object = malloc(size);
		EXPECT(object, "no memory for %zu bytes", size);
		churn_stamp(churn, &held[i], object, size);
	}
	for (int i = 0; i < count; i++)
		churn_release(&held[i]);
}

#endif

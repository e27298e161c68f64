/* The host's threads: its first one brings the timer's. Nothing else about them is changed. */
#include <errno.h>
#include <pthread.h>
#include <threads.h>

#include "shim/hot.h"
#include "shim/next.h"
#include "shim/start.h"
#include "shim/timer.h"

static void start_timer(void)
{
	int saved_errno = errno;

	tp_timer_start_with_threads();
	errno = saved_errno;
}

TP_EXPORT int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
	tp_start();
	int error = tp_next.pthread_create(thread, attributes, function, argument);

	if (error == 0)
		start_timer();
	return error;
}

TP_EXPORT int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
	tp_start();
	int result = tp_next.thrd_create(thread, function, argument);

	if (result == thrd_success)
		start_timer();
	return result;
}

/*
 * The program's threads: pthread_create, thrd_create, unshare and setns, in libc's place. Any thread may call.
 *
 * In auto mode the timer's thread (tick/timer.h) starts after the first thread that the program creates. It ends if the
 * kernel refuses the program a namespace because of it. Nothing else about the program's threads is changed. Owns no
 * data.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>

#include "shim/base/compiler.h"
#include "shim/base/libc.h"
#include "shim/host/start.h"
#include "shim/tick/timer.h"

/* Let the timer's thread start. errno is kept. */
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
	int error = tp_libc.pthread_create(thread, attributes, function, argument);

	if (error == 0)
		start_timer();
	return error;
}

TP_EXPORT int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
	tp_start();
	int result = tp_libc.thrd_create(thread, function, argument);

	if (result == thrd_success)
		start_timer();
	return result;
}

#define ENDING_TRIES 10000 /* of 0.1 ms each: how long to wait for the kernel to forget a thread */

/* Whether the process has @count threads, "1" or "2", by /proc/self/status. errno is kept. */
static bool has_threads(const char *count)
{
	char status[2048];
	int saved_errno = errno, fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, status, sizeof status - 1);

	if (fd >= 0)
		close(fd);
	errno = saved_errno;
	status[length > 0 ? length : 0] = '\0';
	const char *line = strstr(status, "\nThreads:\t");
	return line && strncmp(line + strlen("\nThreads:\t"), count, 1) == 0 &&
	       line[strlen("\nThreads:\t") + 1] == '\n';
}

static int call_unshare(int flags, int unused)
{
	(void)unused;
	return tp_libc.unshare(flags);
}

static int call_setns(int fd, int kind)
{
	return tp_libc.setns(fd, kind);
}

/*
 * End the timer's thread and call again. Does not call if the program has other threads; errno is EINVAL then. After
 * the thread is joined, the kernel counts it until it has had a CPU to end on. This function waits for that.
 */
static int try_without_timer(int (*call)(int, int), int first, int second)
{
	bool ended = has_threads("2") && tp_timer_end_thread();

	for (int i = 0; ended && i < ENDING_TRIES && !has_threads("1"); i++)
		usleep(100);
	errno = EINVAL;
	return ended ? call(first, second) : -1;
}

/*
 * Call @call, and if it is refused, once more without the timer's thread. The kernel refuses some namespaces to a
 * process that has several threads, and the timer's may be the only one beside the caller.
 * Source: unshare(2), setns(2), EINVAL.
 */
static int change_namespace(int (*call)(int, int), int first, int second)
{
	int saved_errno = errno, old_state;

	tp_start();
	int result = call(first, second);
	if (result == 0 || errno != EINVAL)
		return result;
	/* unshare and setns are no cancellation points; open, read and usleep are */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old_state);
	result = try_without_timer(call, first, second);
	pthread_setcancelstate(old_state, NULL);
	if (result == 0)
		errno = saved_errno;
	return result;
}

TP_EXPORT int unshare(int flags)
{
	return change_namespace(call_unshare, flags, 0);
}

TP_EXPORT int setns(int fd, int kind)
{
	return change_namespace(call_setns, fd, kind);
}

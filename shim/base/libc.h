/*
 * What comes after us in link order: the next allocator, which serves requests in
 * count and off mode and owns pointers outside the region, and the functions of
 * libc that we stand before.
 *
 * Resolved once, at the end of start, because dlsym may lock and allocate, which a
 * caller of sigaction or clone may not; until then the table is empty and requests
 * are served by the pools. Any thread may read it after start.
 */
#ifndef TP_LIBC_H
#define TP_LIBC_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <threads.h>

struct tp_libc {
	void *(*malloc)(size_t bytes);
	void (*free)(void *block);
	void *(*calloc)(size_t count, size_t bytes);
	void *(*realloc)(void *block, size_t bytes);
	void *(*memalign)(size_t alignment, size_t bytes);
	size_t (*usable)(void *block);

	int (*sigaction)(int number, const struct sigaction *wanted, struct sigaction *old);
	sighandler_t (*signal)(int number, sighandler_t handler);
	sighandler_t (*sysv_signal)(int number, sighandler_t handler);
	int (*clone)(int (*function)(void *), void *stack, int flags, void *argument, ...);
	int (*register_atfork)(void (*before)(void), void (*in_parent)(void), void (*in_child)(void), void *dso);
	int (*setrlimit)(__rlimit_resource_t resource, const struct rlimit *limit);
	int (*prlimit)(pid_t pid, __rlimit_resource_t resource, const struct rlimit *limit, struct rlimit *old);
	int (*mlockall)(int flags);
	int (*pthread_create)(
	    pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument);
	int (*unshare)(int flags);
	int (*setns)(int fd, int kind);
	int (*thrd_create)(thrd_t *thread, thrd_start_t function, void *argument);
};

extern struct tp_libc tp_libc;

/* Find the functions. Calls dlsym, which may allocate: only when malloc works. */
void tp_libc_resolve(void);

#endif

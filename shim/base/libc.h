/*
 * The functions that stand after us in link order: the next allocator, and the functions of libc that ours replace.
 *
 * The next allocator serves all requests in count and off mode, and owns the pointers outside the region. The
 * functions are looked up once, at the end of start: dlsym may lock and allocate, which a caller of sigaction or
 * clone must not do. Until then every pointer is NULL, and the pools serve the requests.
 * Threads: any may read after start.
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
	size_t (*usable)(void *block); /* malloc_usable_size; like memalign NULL if the next allocator has none */

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

/* Look the functions up. Calls dlsym, which may call malloc, so malloc has to work. Threads: one, during start. */
void tp_libc_resolve(void);

#endif

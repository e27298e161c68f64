/*
 * The private jemalloc as a guest: its settings, what it asks of libc, its first call.
 *
 * It is first called when a block is wanted that no slab serves, which in most
 * programs is never: in any thread, under any sandbox, and unseen by the program. Its
 * names carry the prefix tpje_ and what it asks of libc comes here
 * (shim/backend.syms). Owns a lock that is held while it starts.
 */
#ifndef TP_JEMALLOC_H
#define TP_JEMALLOC_H

#include <stdbool.h>
#include <stddef.h>

int tpje_mallctl(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);

/*
 * Take a thread-specific key for it while those that need no memory are free. Called
 * once, from the constructor.
 */
void tp_jemalloc_start(void);

/*
 * Have @begin make its first call, unless that was made: one thread at a time, under a
 * lock that fork takes, though memory is mapped. Returns whether it is awake; who is
 * told that it is not may ask again.
 */
bool tp_jemalloc_wake(bool (*begin)(void));
bool tp_jemalloc_is_awake(void);

/*
 * For fork, before any lock is taken: a thread's first call of jemalloc may ask malloc
 * for room for the thread's keys.
 */
void tp_jemalloc_touch(void);

/* The lock, for fork; a thread that wakes jemalloc holds none when it takes it. */
void tp_jemalloc_lock_wake(void);
void tp_jemalloc_unlock_wake(void);
void tp_jemalloc_reset_wake(void);

/* jemalloc's own fork handlers, which it hands to us. */
void tp_jemalloc_fork_prepare(void);
void tp_jemalloc_fork_parent(void);
void tp_jemalloc_fork_child(void);

#endif

/*
 * The private jemalloc as a guest: its settings, what it asks of libc, its first call.
 *
 * It is first called when a block is wanted that no slab serves, which in most
 * programs is never: in any thread, under any sandbox, and unseen by the program. Its
 * names carry the prefix tpje_ and what it asks of libc comes here
 * (shim/heap/jemalloc.syms). Owns a lock that is held while it starts.
 */
#ifndef TP_JEMALLOC_H
#define TP_JEMALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/base/lock.h"

int tpje_mallctl(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);

/*
 * Take a thread-specific key for it while those that need no memory are free. Called
 * once, from the constructor.
 */
void tp_jemalloc_start(void);

/*
 * Have @wanted call jemalloc where that takes much: on a stack of our own, as a frame
 * of its start alone is two thirds of the smallest thread's, and one thread at a time,
 * under a lock that fork takes, though memory is mapped. Returns what it returned; false
 * to a thread that is in here already. After the first success jemalloc is awake.
 */
bool tp_jemalloc_run(bool (*wanted)(void *), void *its_argument);
bool tp_jemalloc_is_awake(void);

/*
 * For fork, before any lock is taken: a thread's first call of jemalloc may ask malloc
 * for room for the thread's keys.
 */
void tp_jemalloc_touch(void);

/* That lock, for fork. Whoever takes it holds no other but those before it in their order. */
extern struct tp_lock tp_jemalloc_start_lock;

/* jemalloc's own fork handlers, which it hands to us. */
void tp_jemalloc_fork_prepare(void);
void tp_jemalloc_fork_parent(void);
void tp_jemalloc_fork_child(void);

#endif

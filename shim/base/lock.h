/*
 * Short locks: one word each, and a futex if two threads want one lock.
 *
 * Any thread may take one at any time after relocation, and so may a vfork child. No memory is mapped, unmapped or
 * advised under a lock, but for the ranks that say so below.
 */
#ifndef TP_LOCK_H
#define TP_LOCK_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The ranks of the locks: a thread takes them in this order, and so does fork (host/fork.c has the table). */
enum tp_lock_rank {
	TP_LOCK_SHRINK, /* of the region; memory is unmapped under it */
	TP_LOCK_VFORK, /* of the count of vfork children */
	TP_LOCK_JEMALLOC_START, /* held while jemalloc starts, which maps memory and may call malloc */
	TP_LOCK_TURN, /* held during a turn, and while the pages of a chunk's idle objects are given back */
	TP_LOCK_CPUS, /* held while a CPU gets its caches, and while the primary generation changes */
	TP_LOCK_CACHES, /* of the cache and the overflow of every CPU */
	TP_LOCK_SLABS, /* of the slabs of every class */
	TP_LOCK_SLAB_RECORDS, /* of the free record numbers */
	TP_LOCK_JEMALLOC, /* jemalloc's own locks, under which it maps memory and gives pages back */
	TP_LOCK_CHUNKS, /* of every chunk; taken under jemalloc's own */
	TP_LOCK_RANK_COUNT
};

struct tp_lock {
	_Atomic uint32_t state; /* 0 free, 1 held, 2 held with waiters */
};

/* Take a lock that another thread holds: spin, then sleep in the kernel. For tp_lock_acquire. errno is kept. */
void tp_lock_wait(struct tp_lock *lock);

/* Wake one thread that sleeps for the lock. For tp_lock_release. errno is kept. */
void tp_lock_wake(struct tp_lock *lock);

/* Take the lock. Cost: one locked instruction if the lock is free. */
static inline void tp_lock_acquire(struct tp_lock *lock)
{
	uint32_t expected = 0;

	/* acquire: pairs with the release in tp_lock_release */
	if (!atomic_compare_exchange_strong_explicit(
		&lock->state, &expected, 1, memory_order_acquire, memory_order_relaxed))
		tp_lock_wait(lock);
}

/* Take the lock if it is free. Returns whether the caller has it. */
static inline bool tp_lock_try(struct tp_lock *lock)
{
	uint32_t expected = 0;

	/* acquire: pairs with the release in tp_lock_release */
	return atomic_compare_exchange_strong_explicit(
	    &lock->state, &expected, 1, memory_order_acquire, memory_order_relaxed);
}

/* Release the lock, and wake a thread that sleeps for it. */
static inline void tp_lock_release(struct tp_lock *lock)
{
	/* release: pairs with the acquire in tp_lock_acquire, tp_lock_try and tp_lock_wait */
	if (atomic_exchange_explicit(&lock->state, 0, memory_order_release) == 2)
		tp_lock_wake(lock);
}

/*
 * Take the lock in a program that has one thread, without a locked instruction.
 * A signal handler may interrupt this function before its store, and take the lock. The handler has released the lock
 * when the function goes on. A handler must not start threads. If the program has a second thread by the time of the
 * release, the caller releases with tp_lock_release, else with tp_lock_release_alone.
 */
static inline void tp_lock_acquire_alone(struct tp_lock *lock)
{
	if (atomic_load_explicit(&lock->state, memory_order_relaxed) != 0)
		tp_lock_wait(lock);
	atomic_store_explicit(&lock->state, 1, memory_order_relaxed); /* relaxed: only this thread's handlers look */
	atomic_signal_fence(memory_order_seq_cst);
}

/* Release the lock in a program that has one thread: no other thread can wait for it. */
static inline void tp_lock_release_alone(struct tp_lock *lock)
{
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&lock->state, 0, memory_order_relaxed);
}

/*
 * Take and release a lock that signal handlers take as well. All signals of the thread stay blocked while it holds the
 * lock: a handler would wait for the thread that it interrupts. @old_mask: the mask to set again.
 */
void tp_lock_acquire_masked(struct tp_lock *lock, sigset_t *old_mask);
void tp_lock_release_masked(struct tp_lock *lock, const sigset_t *old_mask);

/* Free the lock, whichever thread held it. Only for a forked child: the thread that held the lock is not in it. */
static inline void tp_lock_reset(struct tp_lock *lock)
{
	atomic_store_explicit(&lock->state, 0, memory_order_relaxed);
}

#endif

/*
 * Short locks: one word, futex when contended, no thread-local state.
 *
 * Any thread may take one, at any time after relocation, also a vfork child.
 * Nothing maps, unmaps or advises memory while holding one.
 */
#ifndef TP_LOCK_H
#define TP_LOCK_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The order in which locks nest, outer first, and in which fork takes them (host/fork.c has the table). */
enum tp_lock_rank {
	TP_LOCK_SHRINK, /* of the region */
	TP_LOCK_VFORK,
	TP_LOCK_JEMALLOC_START, /* held while jemalloc starts, which may call malloc */
	TP_LOCK_TURN,
	TP_LOCK_CPUS,
	TP_LOCK_CACHES, /* and overflows, of every CPU */
	TP_LOCK_SLABS, /* of every class */
	TP_LOCK_SLAB_RECORDS,
	TP_LOCK_JEMALLOC, /* its own locks */
	TP_LOCK_CHUNKS, /* taken within jemalloc's */
	TP_LOCK_SAMPLES,
	TP_LOCK_RANK_COUNT
};

struct tp_lock {
	_Atomic uint32_t state; /* 0 free, 1 held, 2 held with waiters */
};

void tp_lock_wait(struct tp_lock *lock);
void tp_lock_wake(struct tp_lock *lock);

static inline void tp_lock_acquire(struct tp_lock *lock)
{
	uint32_t expected = 0;

	/* acquire: pairs with the release in tp_lock_release */
	if (!atomic_compare_exchange_strong_explicit(
		&lock->state, &expected, 1, memory_order_acquire, memory_order_relaxed))
		tp_lock_wait(lock);
}

static inline bool tp_lock_try(struct tp_lock *lock)
{
	uint32_t expected = 0;

	return atomic_compare_exchange_strong_explicit(
	    &lock->state, &expected, 1, memory_order_acquire, memory_order_relaxed);
}

static inline void tp_lock_release(struct tp_lock *lock)
{
	/* release: pairs with the acquire in tp_lock_acquire and tp_lock_wait */
	if (atomic_exchange_explicit(&lock->state, 0, memory_order_release) == 2)
		tp_lock_wake(lock);
}

/*
 * The same where no other thread can come between. A signal handler can, and has released the lock again when this
 * goes on; it may allocate, but not start threads. Release by which one of the two holds then.
 */
static inline void tp_lock_acquire_alone(struct tp_lock *lock)
{
	if (atomic_load_explicit(&lock->state, memory_order_relaxed) != 0)
		tp_lock_wait(lock);
	atomic_store_explicit(&lock->state, 1, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}

static inline void tp_lock_release_alone(struct tp_lock *lock)
{
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&lock->state, 0, memory_order_relaxed);
}

/*
 * Take and release a lock that signal handlers may want as well: no signal comes to this thread
 * meanwhile, as its handler would wait for the thread below it.
 */
void tp_lock_acquire_masked(struct tp_lock *lock, sigset_t *old_mask);
void tp_lock_release_masked(struct tp_lock *lock, const sigset_t *old_mask);

/* Forget the holder: only in a forked child, whose other threads are gone. */
static inline void tp_lock_reset(struct tp_lock *lock)
{
	atomic_store_explicit(&lock->state, 0, memory_order_relaxed);
}

#endif

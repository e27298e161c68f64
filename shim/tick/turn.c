/* The turn. See turn.h. The protocol is modelled in tests/model/turn.pml. */
#include "shim/tick/turn.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>

#include "shim/base/clock.h"
#include "shim/base/lock.h"
#include "shim/heap/chunk.h"
#include "shim/heap/large.h"
#include "shim/heap/purge.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/cpus.h"
#include "shim/pool/remote.h"
#include "shim/pool/steal.h"

#define HOLD_TRIES 10000 /* each yields the CPU: some milliseconds in all */

struct tp_lock tp_turn_lock;
static _Atomic uint64_t turns, refused, tick_ns; /* see struct tp_turn_counts */
/* There are empty slabs or idle objects, which go at the next turn if no thread wants them. */
static _Atomic bool more_left;

static void count(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

/* Give all that the victims hold to the slabs, and seal the victims: no thread takes from them after that. */
static void drain(unsigned victim)
{
	void *objects[TP_CLASS_BATCH_MAX];
	size_t taken;

	for (unsigned i = 1; i < tp_classes.count; i++)
		while ((taken = tp_steal_drain(victim, TP_CLASS_STACK(i), objects, TP_CLASS_BATCH_MAX)) > 0)
			tp_slab_give(i, objects, taken, TP_SLAB_DRAIN);
	tp_remote_drain(victim);
	tp_steal_seal(victim);
}

/* Drain and turn, under the lock. */
static void turn_locked(void)
{
	unsigned old = tp_cpus_primary();

	drain(old ^ 1);
	if (tp_cpus_turn()) {
		tp_steal_open_victims(old);
		count(&turns, 1);
	} else {
		count(&refused, 1);
	}
}

/*
 * Give the pages of idle objects back. The lock keeps the process from forking while idle objects are out of their
 * slab. It is taken anew for each chunk, so that a fork waits for one chunk at most.
 * Returns whether idle objects are left, for the next turn.
 */
static bool purge_idle(void)
{
	bool left = false;

	for (uint32_t chunk = 0, count = tp_chunk_count(); chunk < count; chunk++) {
		tp_lock_acquire(&tp_turn_lock);
		left |= tp_purge_chunk(chunk);
		tp_lock_release(&tp_turn_lock);
	}
	return left;
}

/* Turn, and give memory back. The caller holds the lock, and this function releases it. */
static void turn_and_return(void)
{
	int saved_errno = errno;
	uint64_t start = tp_clock_now_ns();

	atomic_store_explicit(&more_left, false, memory_order_relaxed); /* under the lock: an older turn only sets it */
	turn_locked();
	tp_lock_release(&tp_turn_lock);
	bool left = false;
	for (unsigned i = 1; i < tp_classes.count; i++)
		left |= tp_slab_release_unused(i);
	left |= purge_idle();
	if (left)
		atomic_store_explicit(&more_left, true, memory_order_relaxed);
	tp_large_trim(); /* before the chunks: tp_large_has_freed tells of what is freed from here on */
	tp_chunk_trim();
	count(&tick_ns, tp_clock_now_ns() - start);
	errno = saved_errno;
}

void tp_turn_try(void (*before)(void))
{
	if (!tp_lock_try(&tp_turn_lock))
		return;
	before();
	turn_and_return();
}

void tp_turn_release_all(void)
{
	for (int i = 0; i < 2; i++) {
		tp_lock_acquire(&tp_turn_lock);
		turn_and_return();
	}
}

void tp_turn_read_counts(struct tp_turn_counts *counts)
{
	*counts = (struct tp_turn_counts){
		.turns = atomic_load_explicit(&turns, memory_order_relaxed),
		.refused = atomic_load_explicit(&refused, memory_order_relaxed),
		.tick_ns = atomic_load_explicit(&tick_ns, memory_order_relaxed),
		.returned_bytes = tp_large_returned_bytes() + tp_chunk_returned_bytes() + tp_purge_returned_bytes(),
	};
}

bool tp_turn_doze(void)
{
	tp_lock_acquire(&tp_turn_lock);
	bool dozes = !atomic_load_explicit(&more_left, memory_order_relaxed) && !tp_large_has_freed() && tp_cpus_doze();
	tp_lock_release(&tp_turn_lock);
	return dozes;
}

bool tp_turn_try_hold(void)
{
	for (int i = 0; i < HOLD_TRIES; i++) {
		if (tp_lock_try(&tp_turn_lock))
			return true;
		sched_yield();
	}
	return false; /* it may be this very thread's, interrupted by a signal */
}

void tp_turn_end_hold(void)
{
	tp_lock_release(&tp_turn_lock);
}

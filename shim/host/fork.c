/* fork: the locks by rank, and what a child starts anew. See fork.h. */
#include "shim/host/fork.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <sys/single_threaded.h>
#include <unistd.h>

#include "shim/base/compiler.h"
#include "shim/base/libc.h"
#include "shim/base/lock.h"
#include "shim/base/output.h"
#include "shim/base/process.h"
#include "shim/heap/chunk.h"
#include "shim/heap/jemalloc.h"
#include "shim/heap/region.h"
#include "shim/heap/slab.h"
#include "shim/heap/slab_record.h"
#include "shim/host/signal.h"
#include "shim/host/start.h"
#include "shim/host/vfork.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/profile/histogram.h"
#include "shim/profile/profile.h"
#include "shim/report/dump.h"
#include "shim/report/live.h"
#include "shim/report/process_counters.h"
#include "shim/tick/timer.h"
#include "shim/tick/turn.h"

/* When fork calls a handler. */
enum moment { BEFORE, IN_PARENT, IN_CHILD, MOMENT_COUNT };

/* The locks of each rank. Exactly one of the three is set. */
static const struct rank {
	struct tp_lock *one; /* a single lock */
	void (*each)(void (*action)(struct tp_lock *lock)); /* applies an action to several locks */
	void (*handlers[MOMENT_COUNT])(void); /* for locks that are not ours */
} ranks[TP_LOCK_RANK_COUNT] = {
	[TP_LOCK_SHRINK] = { .one = &tp_region_shrink_lock },
	[TP_LOCK_VFORK] = { .one = &tp_vfork_lock },
	[TP_LOCK_JEMALLOC_START] = { .one = &tp_jemalloc_start_lock },
	[TP_LOCK_TURN] = { .one = &tp_turn_lock },
	[TP_LOCK_CPUS] = { .one = &tp_cpus_lock },
	[TP_LOCK_CACHES] = { .each = tp_cpus_each_cache_lock },
	[TP_LOCK_SLABS] = { .each = tp_slab_each_lock },
	[TP_LOCK_SLAB_RECORDS] = { .one = &tp_slab_record_lock },
	[TP_LOCK_JEMALLOC] = { .handlers = { tp_jemalloc_fork_prepare, tp_jemalloc_fork_parent,
				   tp_jemalloc_fork_child } },
	[TP_LOCK_CHUNKS] = { .one = &tp_chunk_lock },
};

/* Take, release or forget the locks of a rank. */
static void at_fork(enum moment moment, const struct rank *rank)
{
	/* A child has one thread. Its locks are reset, not released: no thread waits for them. */
	static void (*const actions[MOMENT_COUNT])(struct tp_lock * lock) = {
		tp_lock_acquire,
		tp_lock_release,
		tp_lock_reset,
	};

	if (rank->one)
		actions[moment](rank->one);
	else if (rank->each)
		rank->each(actions[moment]);
	else
		rank->handlers[moment]();
}

/*
 * Whether the program had one thread at the fork; no lock is taken then. Such a program may fork in a signal handler
 * that interrupted its own slow path, which may hold a lock: waiting for the lock would never end. After the fork the
 * slow path goes on in the parent and in the child, and each releases its lock.
 */
static bool alone;

static void prepare(void)
{
	alone = __libc_single_threaded;
	if (!alone)
		tp_jemalloc_touch();
	for (unsigned rank = 0; !alone && rank < TP_LOCK_RANK_COUNT; rank++)
		at_fork(BEFORE, &ranks[rank]);
}

static void parent(void)
{
	for (unsigned rank = TP_LOCK_RANK_COUNT; !alone && rank > 0; rank--)
		at_fork(IN_PARENT, &ranks[rank - 1]);
}

/* Whether an option asks for what a child counts. */
static bool figures_are_wanted(void)
{
	return tp_process.options.stats.number != TP_STATS_OFF || *tp_process.options.live.text ||
	       tp_process_interval_ns() != 0;
}

static void child(void)
{
	for (unsigned rank = TP_LOCK_RANK_COUNT; !alone && rank > 0; rank--)
		at_fork(IN_CHILD, &ranks[rank - 1]);
	tp_vfork_start_child();
	tp_process.pid = getpid();
	tp_signal_reset_lock();
	tp_timer_start_child();
	tp_dump_reset_lock();
	tp_output_start_child();
	if (figures_are_wanted()) {
		tp_counters_start_child();
		tp_process_counters_start_child();
	}
	tp_histogram_start_child();
	tp_live_start_child();
	tp_profile_start_child();
}

/* What pthread_atfork calls. pthread_atfork itself is linked into each library that calls it. */
int __register_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void), void *dso);

void tp_fork_start(void)
{
	static _Atomic bool registered;

	if (!atomic_exchange_explicit(&registered, true, memory_order_relaxed))
		tp_libc.register_atfork(prepare, parent, child, NULL);
}

/* Register another library's handlers, after ours: then no handler of another library runs while we hold locks. */
TP_EXPORT int __register_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void), void *dso)
{
	tp_start();
	tp_fork_start();
	return tp_libc.register_atfork(before, in_parent, in_child, dso);
}

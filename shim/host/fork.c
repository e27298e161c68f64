/* fork, vfork and clone. See fork.h. */
#include "shim/host/fork.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
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
#include "shim/host/signal.h"
#include "shim/host/start.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/profile/histogram.h"
#include "shim/profile/live_samples.h"
#include "shim/profile/profile.h"
#include "shim/report/dump.h"
#include "shim/report/interval.h"
#include "shim/report/live.h"
#include "shim/report/process_counters.h"
#include "shim/report/stats_file.h"
#include "shim/tick/timer.h"
#include "shim/tick/turn.h"

static struct tp_lock vfork_lock;
static unsigned sharing_children; /* written under vfork_lock */

static void vfork_acquire(void)
{
	tp_lock_acquire(&vfork_lock);
}

static void vfork_release(void)
{
	tp_lock_release(&vfork_lock);
}

static void vfork_reset(void)
{
	tp_lock_reset(&vfork_lock);
}

/* How fork treats the locks of each rank: before, in the parent after, in the child. */
static const struct {
	void (*acquire)(void), (*release)(void), (*reset)(void);
} ranks[TP_LOCK_RANK_COUNT] = {
	[TP_LOCK_SHRINK] = { tp_region_lock_shrink, tp_region_unlock_shrink, tp_region_reset_shrink },
	[TP_LOCK_VFORK] = { vfork_acquire, vfork_release, vfork_reset },
	[TP_LOCK_TIDE] = { tp_tide_lock, tp_tide_unlock, tp_tide_reset_lock },
	[TP_LOCK_CACHE] = { tp_table_lock_all, tp_table_unlock_all, tp_table_unlock_all },
	[TP_LOCK_SLAB] = { tp_slab_lock_all, tp_slab_unlock_all, tp_slab_reset_locks },
	[TP_LOCK_RUN] = { tp_jemalloc_lock_run, tp_jemalloc_unlock_run, tp_jemalloc_reset_run },
	[TP_LOCK_BACKEND] = { tp_jemalloc_fork_prepare, tp_jemalloc_fork_parent, tp_jemalloc_fork_child },
	[TP_LOCK_CHUNK] = { tp_chunk_lock, tp_chunk_unlock, tp_chunk_reset_lock },
	[TP_LOCK_SAMPLED] = { tp_sampled_lock_all, tp_sampled_unlock_all, tp_sampled_reset_locks },
};

/*
 * A program with one thread may fork in a signal handler, over its own slow path
 * and the lock that it holds. There is nobody to wait for, and both frames, in
 * parent and child, go on and release what they hold.
 */
static bool alone;

static void prepare(void)
{
	alone = __libc_single_threaded;
	if (!alone)
		tp_jemalloc_touch();
	for (unsigned rank = 0; !alone && rank < TP_LOCK_RANK_COUNT; rank++)
		ranks[rank].acquire();
}

static void parent(void)
{
	for (unsigned rank = TP_LOCK_RANK_COUNT; !alone && rank > 0; rank--)
		ranks[rank - 1].release();
}

/* Whether anybody will read what a child counts. */
static bool figures_are_wanted(void)
{
	return tp_process.options.stats.number != TP_STATS_OFF || *tp_process.options.live.text ||
	       tp_interval_ns() != 0;
}

static void child(void)
{
	for (unsigned rank = TP_LOCK_RANK_COUNT; !alone && rank > 0; rank--)
		ranks[rank - 1].reset();
	/*
	 * The children that shared the parent's memory do not share ours. One of
	 * them may have been the one that forked: it has no registration to pass on.
	 */
	if (sharing_children > 0 && tp_table_restore_registration()) {
		sharing_children = 0;
		tp_table_open();
	}
	tp_process.pid = getpid();
	tp_signal_reset_lock();
	tp_timer_start_child();
	tp_dump_reset_lock();
	tp_output_start_child();
	if (figures_are_wanted()) {
		tp_stats_start_child();
		tp_overall_start_child();
	}
	tp_histogram_start_child();
	tp_live_start_child();
	tp_profile_start_child();
}

/* What pthread_atfork calls; its own part is linked into each library. */
int __register_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void), void *dso);

void tp_fork_start(void)
{
	static _Atomic bool registered;

	if (!atomic_exchange_explicit(&registered, true, memory_order_relaxed))
		tp_next.register_atfork(prepare, parent, child, NULL);
}

/*
 * Handlers of others may allocate. Ours, registered before any of theirs, run last
 * before the fork and first after it, so that none of theirs meets a taken lock.
 */
TP_EXPORT int __register_atfork(void (*before)(void), void (*in_parent)(void), void (*in_child)(void), void *dso)
{
	tp_start();
	tp_fork_start();
	return tp_next.register_atfork(before, in_parent, in_child, dso);
}

void tp_vfork_begin(void)
{
	sigset_t mask;

	tp_start();
	tp_lock_acquire_masked(&vfork_lock, &mask); /* a signal handler may vfork */
	if (sharing_children++ == 0)
		tp_table_close();
	tp_lock_release_masked(&vfork_lock, &mask);
}

pid_t tp_vfork_end(long result)
{
	sigset_t mask;

	tp_lock_acquire_masked(&vfork_lock, &mask);
	if (--sharing_children == 0)
		tp_table_open();
	tp_lock_release_masked(&vfork_lock, &mask);
	if (result >= 0)
		return (pid_t)result;
	errno = (int)-result;
	return -1;
}

bool tp_vfork_shares_memory(void)
{
	return __atomic_load_n(&sharing_children, __ATOMIC_RELAXED) > 0 && !tp_process_owns_memory();
}

/*
 * Close the pools around a child that shares memory without being a thread, or is one
 * that has its parent's thread-local data, and so its registration. With CLONE_VFORK the
 * caller waits for it; without, nobody tells us when it ends, and the pools stay closed.
 */
TP_EXPORT int clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
	bool shares = (flags & CLONE_VM) && (flags & (CLONE_THREAD | CLONE_SETTLS)) != (CLONE_THREAD | CLONE_SETTLS);
	va_list list;

	va_start(list, argument);
	pid_t *parent_tid = va_arg(list, pid_t *);
	void *tls = va_arg(list, void *);
	pid_t *child_tid = va_arg(list, pid_t *);
	va_end(list);
	tp_start();
	if (shares)
		tp_vfork_begin();
	int result = tp_next.clone(function, stack, flags, argument, parent_tid, tls, child_tid);
	if (shares && (result < 0 || (flags & CLONE_VFORK)))
		tp_vfork_end(0);
	return result;
}

/* fork, vfork and clone. See fork.h. */
#include "shim/fork.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "shim/backend.h"
#include "shim/cache.h"
#include "shim/dump.h"
#include "shim/hot.h"
#include "shim/lock.h"
#include "shim/next.h"
#include "shim/process.h"
#include "shim/signal.h"
#include "shim/sink.h"
#include "shim/slab.h"
#include "shim/start.h"
#include "shim/stats.h"

static struct tp_lock vfork_lock;
static unsigned sharing_children; /* under vfork_lock */

static void prepare(void)
{
	tp_lock_acquire(&vfork_lock);
	tp_cache_lock_all();
	tp_slab_lock_all();
	tp_backend_fork_prepare();
}

static void parent(void)
{
	tp_backend_fork_parent();
	tp_slab_unlock_all();
	tp_cache_unlock_all();
	tp_lock_release(&vfork_lock);
}

static void child(void)
{
	tp_backend_fork_child();
	tp_slab_reset_locks();
	tp_cache_reset_locks();
	tp_lock_reset(&vfork_lock);
	/*
	 * The children that shared the parent's memory do not share ours. One of
	 * them may have been the one that forked: it has no registration to pass on.
	 */
	if (sharing_children > 0 && tp_cache_restore_registration()) {
		sharing_children = 0;
		tp_cache_open();
	}
	tp_process.pid = getpid();
	tp_signal_reset_lock();
	tp_dump_reset_lock();
	tp_sink_start_child();
	tp_stats_start_child();
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
	tp_start();
	tp_lock_acquire(&vfork_lock);
	if (sharing_children++ == 0)
		tp_cache_close();
	tp_lock_release(&vfork_lock);
}

pid_t tp_vfork_end(long result)
{
	tp_lock_acquire(&vfork_lock);
	if (--sharing_children == 0)
		tp_cache_open();
	tp_lock_release(&vfork_lock);
	if (result >= 0)
		return (pid_t)result;
	errno = (int)-result;
	return -1;
}

/*
 * Close the pools around a child that shares memory without being a thread.
 * With CLONE_VFORK the caller waits for it; without, nobody tells us when it
 * ends, and the pools stay closed.
 */
TP_EXPORT int clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
	bool shares = (flags & CLONE_VM) && !(flags & CLONE_THREAD);
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

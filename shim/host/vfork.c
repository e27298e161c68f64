/* vfork, and clone with CLONE_VM. See vfork.h. */
#include "shim/host/vfork.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>

#include "shim/base/compiler.h"
#include "shim/base/libc.h"
#include "shim/base/process.h"
#include "shim/host/start.h"
#include "shim/pool/cpus.h"

struct tp_lock tp_vfork_lock;
static unsigned sharing_children; /* children that share our memory now; written under the lock */

void tp_vfork_begin(void)
{
	sigset_t mask;

	tp_start();
	tp_lock_acquire_masked(&tp_vfork_lock, &mask); /* a signal handler may vfork */
	if (sharing_children++ == 0)
		tp_cpus_close();
	tp_lock_release_masked(&tp_vfork_lock, &mask);
}

pid_t tp_vfork_end(long result)
{
	sigset_t mask;

	tp_lock_acquire_masked(&tp_vfork_lock, &mask);
	if (--sharing_children == 0)
		tp_cpus_open();
	tp_lock_release_masked(&tp_vfork_lock, &mask);
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
	int result = tp_libc.clone(function, stack, flags, argument, parent_tid, tls, child_tid);
	if (shares && (result < 0 || (flags & CLONE_VFORK)))
		tp_vfork_end(0);
	return result;
}

void tp_vfork_start_child(void)
{
	/*
	 * The children that shared the parent's memory do not share ours. One of them may have been the one that
	 * forked: it has no registration to pass on.
	 */
	if (sharing_children > 0 && tp_cpus_restore_registration()) {
		sharing_children = 0;
		tp_cpus_open();
	}
}

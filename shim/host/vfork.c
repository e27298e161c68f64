/* vfork, and clone with CLONE_VM: counting the children that share our memory. See vfork.h. */
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
	tp_lock_acquire_masked(&tp_vfork_lock, &mask); /* masked: a signal handler may vfork */
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
 * Close the pools while a child shares our memory and is no thread, or is a thread with the caller's thread-local data:
 * such a thread would have the caller's rseq area. With CLONE_VFORK the caller waits for the child. Without it we do
 * not learn when the child ends, and the pools stay closed.
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
	 * The children that shared the parent's memory do not share ours. If one of them called fork, this thread has
	 * no rseq registration: such a child had none to pass on.
	 */
	if (sharing_children > 0 && tp_cpus_restore_registration()) {
		sharing_children = 0;
		tp_cpus_open();
	}
}

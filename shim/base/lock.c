/* Short locks: waiting, waking, and keeping signals away. See lock.h. */
#include "shim/base/lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPIN_COUNT 100 /* looks before the kernel is asked; most locks are held for well under a microsecond */

static void futex(struct tp_lock *lock, int operation, uint32_t value)
{
	int saved_errno = errno;

	syscall(SYS_futex, &lock->state, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
	errno = saved_errno;
}

void tp_lock_wait(struct tp_lock *lock)
{
	for (int spin = 0; spin < SPIN_COUNT; spin++) {
		if (atomic_load_explicit(&lock->state, memory_order_relaxed) == 0 && tp_lock_try(lock))
			return;
#if defined(__x86_64__)
		__builtin_ia32_pause();
#endif
	}
	/* 2, as others may wait too. acquire: pairs with the release in tp_lock_release */
	while (atomic_exchange_explicit(&lock->state, 2, memory_order_acquire) != 0)
		futex(lock, FUTEX_WAIT, 2);
}

void tp_lock_wake(struct tp_lock *lock)
{
	futex(lock, FUTEX_WAKE, 1);
}

void tp_lock_acquire_masked(struct tp_lock *lock, sigset_t *old_mask)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, old_mask);
	tp_lock_acquire(lock);
}

void tp_lock_release_masked(struct tp_lock *lock, const sigset_t *old_mask)
{
	tp_lock_release(lock);
	pthread_sigmask(SIG_SETMASK, old_mask, NULL);
}

/* Locks: exclusion, trying, waking those who wait. A hang is a failure: the suite has a time limit. */
#include "shim/base/lock.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>

#include "tests/unit/support/threads.h"

#define THREAD_COUNT 8
#define ROUNDS 50000

static struct tp_lock lock;
static volatile unsigned long guarded, guarded_copy;
static _Atomic unsigned inside, overlaps, passed, errno_changes, signals;

TestSuite(lock, .timeout = 60);

/* Two plain counters that only exclusion keeps exact and equal. */
static void count_guarded(unsigned number)
{
	(void)number;
	for (int i = 0; i < ROUNDS; i++) {
		tp_lock_acquire(&lock);
		if (atomic_fetch_add(&inside, 1) != 0 || guarded != guarded_copy)
			overlaps++;
		guarded = guarded + 1;
		if (i % 1000 == 0)
			sched_yield();
		guarded_copy = guarded_copy + 1;
		inside--;
		tp_lock_release(&lock);
	}
}

Test(lock, holds_off_everyone_else)
{
	threads_run(THREAD_COUNT, count_guarded);
	cr_assert_eq(overlaps, 0);
	cr_assert_eq(guarded, THREAD_COUNT * ROUNDS);
	cr_assert_eq(guarded_copy, THREAD_COUNT * ROUNDS);
	cr_assert_eq(lock.state, 0);
}

static void take_and_release(unsigned number)
{
	(void)number;
	tp_lock_acquire(&lock);
	guarded = guarded + 1;
	tp_lock_release(&lock);
}

/* Who took it without a locked instruction, and is not alone any more when it goes. */
Test(lock, taken_alone_it_holds_off_those_who_come_then)
{
	struct thread thread;

	tp_lock_acquire_alone(&lock);
	cr_assert_eq(lock.state, 1);
	tp_lock_release_alone(&lock);
	cr_assert_eq(lock.state, 0);
	tp_lock_acquire_alone(&lock);
	thread_start(&thread, take_and_release, 0);
	cr_assert(thread_falls_asleep(&thread), "it did not wait");
	cr_assert_eq(guarded, 0);
	tp_lock_release(&lock);
	thread_join(&thread);
	cr_assert_eq(guarded, 1);
	cr_assert_eq(lock.state, 0);
}

static void count_guarded_by_trying(unsigned number)
{
	(void)number;
	for (int i = 0; i < ROUNDS;) {
		if (!tp_lock_try(&lock)) {
			sched_yield();
			continue;
		}
		if (atomic_fetch_add(&inside, 1) != 0)
			overlaps++;
		guarded = guarded + 1;
		inside--;
		tp_lock_release(&lock);
		i++;
	}
}

Test(lock, trying_holds_off_everyone_else)
{
	threads_run(THREAD_COUNT / 2, count_guarded_by_trying);
	cr_assert_eq(overlaps, 0);
	cr_assert_eq(guarded, THREAD_COUNT / 2 * ROUNDS);
}

Test(lock, zero_is_a_free_lock)
{
	struct tp_lock fresh = { 0 };

	cr_assert(tp_lock_try(&fresh));
}

Test(lock, try_fails_while_held_and_changes_nothing)
{
	tp_lock_acquire(&lock);
	cr_assert_not(tp_lock_try(&lock));
	cr_assert_eq(lock.state, 1);
	tp_lock_release(&lock);
	cr_assert(tp_lock_try(&lock));
	cr_assert_not(tp_lock_try(&lock));
	tp_lock_release(&lock);
	cr_assert_eq(lock.state, 0);
}

/* Sleeps in the lock, and looks whether that changed errno. */
static void pass_through(unsigned number)
{
	errno = (int)number + 1;
	tp_lock_acquire(&lock);
	passed++;
	tp_lock_release(&lock);
	if (errno != (int)number + 1)
		errno_changes++;
}

Test(lock, a_waiter_sleeps_until_the_release)
{
	struct thread waiter;

	tp_lock_acquire(&lock);
	thread_start(&waiter, pass_through, 0);
	cr_assert(thread_falls_asleep(&waiter));
	cr_assert_eq(lock.state, 2);
	cr_assert_eq(passed, 0);
	tp_lock_release(&lock);
	thread_join(&waiter);
	cr_assert_eq(passed, 1);
	cr_assert_eq(lock.state, 0);
}

Test(lock, one_release_lets_all_waiters_through_in_turn)
{
	struct thread waiters[THREAD_COUNT];

	tp_lock_acquire(&lock);
	for (unsigned i = 0; i < THREAD_COUNT; i++)
		thread_start(&waiters[i], pass_through, i);
	for (unsigned i = 0; i < THREAD_COUNT; i++)
		cr_assert(thread_falls_asleep(&waiters[i]));
	tp_lock_release(&lock);
	for (unsigned i = 0; i < THREAD_COUNT; i++)
		thread_join(&waiters[i]);
	cr_assert_eq(passed, THREAD_COUNT);
	cr_assert_eq(lock.state, 0);
}

static void note_signal(int number)
{
	(void)number;
	signals++;
}

Test(lock, a_wait_that_a_signal_interrupts_goes_on_and_keeps_errno)
{
	struct sigaction action = { .sa_handler = note_signal }; /* no SA_RESTART: the wait fails with EINTR */
	struct thread waiter;

	sigaction(SIGUSR1, &action, NULL);
	tp_lock_acquire(&lock);
	thread_start(&waiter, pass_through, ERANGE);
	cr_assert(thread_falls_asleep(&waiter));
	pthread_kill(waiter.id, SIGUSR1);
	while (signals == 0)
		sched_yield();
	cr_assert(thread_falls_asleep(&waiter));
	cr_assert_eq(passed, 0);
	errno = ENOENT;
	tp_lock_release(&lock);
	cr_assert_eq(errno, ENOENT);
	thread_join(&waiter);
	cr_assert_eq(passed, 1);
	cr_assert_eq(errno_changes, 0);
}

Test(lock, reset_forgets_the_holder)
{
	tp_lock_acquire(&lock);
	tp_lock_reset(&lock);
	cr_assert(tp_lock_try(&lock));
}

Test(lock, two_locks_are_held_apart)
{
	struct tp_lock other = { 0 };

	tp_lock_acquire(&lock);
	cr_assert(tp_lock_try(&other));
	tp_lock_release(&lock);
	cr_assert_not(tp_lock_try(&other));
}

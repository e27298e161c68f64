/* Stacks behind their locks: several threads and CPUs at once, and the locks around a fork. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/time.h>

#include "tests/unit/support/caches.h"
#include "tests/unit/support/threads.h"

TestSuite(stack_threads, .timeout = 100);

#define STRESS_THREADS 8U
#define STRESS_TOKENS 96U /* of each thread at the start */
#define STRESS_CLASS 52U /* 16 KiB, 256 a stack: pushes fail too */
#define STRESS_STEPS 1000000

static _Atomic bool owned[STRESS_THREADS * STRESS_TOKENS];
static _Atomic unsigned stress_wrong, stress_held;
static _Atomic uint64_t stress_operations;

static unsigned number_of(void *object)
{
	return (unsigned)((uintptr_t)object >> 4 & 0xfffffff) - 1;
}

/* Interrupts a thread anywhere, also between reading and writing a header. */
static void let_others_run(int number)
{
	(void)number;
	sched_yield();
}

static void mask_alarm(int how)
{
	sigset_t alarm;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(how, &alarm, NULL);
}

/* Whoever pops a token must be its only owner until it pushes it again. */
static void pop_and_push(unsigned number)
{
	void *held[STRESS_THREADS * STRESS_TOKENS];
	size_t count = 0;
	uint32_t random = number * 2654435761U + 1;
	cpu_set_t all;

	CPU_ZERO(&all);
	for (unsigned i = 0; i < cpu_count; i++)
		CPU_SET(cpus[i], &all);
	sched_setaffinity(0, sizeof all, &all);
	mask_alarm(SIG_UNBLOCK);
	for (unsigned i = 0; i < STRESS_TOKENS; i++) {
		held[count++] = token(STRESS_CLASS, number * STRESS_TOKENS + i);
		owned[number * STRESS_TOKENS + i] = true;
	}
	tp_cpus_ensure();
	for (int step = 0; step < STRESS_STEPS; step++) {
		/* Closed at first; grown, and moved, under the others' hands. */
		if (step % 1000 == 0)
			tp_stack_grow(STRESS_CLASS, TP_CLASS_CAPACITY_MAX);
		random = random * 1664525 + 1013904223;
		if (random >> 31 && count > 0) {
			void *object = held[--count];

			owned[number_of(object)] = false;
			if (tp_stack_push(STRESS_CLASS, object)) {
				stress_operations++;
			} else {
				owned[number_of(object)] = true;
				count++;
			}
		} else {
			void *object = tp_stack_pop(STRESS_CLASS);

			if (!object)
				continue;
			stress_operations++;
			if (number_of(object) >= STRESS_THREADS * STRESS_TOKENS ||
			    atomic_exchange(&owned[number_of(object)], true))
				stress_wrong++;
			else
				held[count++] = object;
		}
	}
	stress_held += (unsigned)count;
}

Test(stack_threads, several_threads_never_pop_the_same_object, .init = caches_start)
{
	struct sigaction action = { .sa_handler = let_others_run, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 100 }, { 0, 100 } };
	struct tp_counters_stack counts;

	sigaction(SIGALRM, &action, NULL);
	mask_alarm(SIG_BLOCK); /* this thread only waits: the others get the signals */
	setitimer(ITIMER_REAL, &often, NULL);
	threads_run(STRESS_THREADS, pop_and_push);
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	cr_assert_eq(stress_wrong, 0);
	cr_assert_gt(stress_operations, STRESS_STEPS, "the stacks stayed closed");
	tp_counters_read_stack(STRESS_CLASS, &counts);
	cr_assert_eq(counts.depth[0] + counts.depth[1] + stress_held, STRESS_THREADS * STRESS_TOKENS);
	cr_assert_eq(counts.operations, stress_operations);
}

Test(stack_threads, each_cpu_has_a_stack_of_its_own, .init = caches_start)
{
	if (cpu_count < 2)
		cr_skip_test("one CPU");
	push(6, 0, 3);
	pin(cpus[1]);
	cr_assert_null(tp_stack_pop(6));
	push(6, 100, 1);
	pin(cpus[0]);
	cr_assert_eq(tp_stack_pop(6), token(6, 2));
	pin(cpus[1]);
	cr_assert_eq(tp_stack_pop(6), token(6, 100));
}

static void pop_there(unsigned number)
{
	if (tp_stack_pop(number) != token(number, 0))
		stress_wrong++;
}

Test(stack_threads, locking_all_stops_every_cpu_until_unlocked, .init = caches_start)
{
	struct thread threads[CPUS_MAX];

	for (unsigned i = 0; i < cpu_count; i++) {
		pin(cpus[i]);
		push(11 + i, 0, 1);
	}
	tp_lock_acquire(&tp_cpus_lock);
	tp_cpus_each_cache_lock(tp_lock_acquire);
	for (unsigned i = 0; i < cpu_count; i++) {
		pin(cpus[i]); /* a thread inherits it */
		thread_start(&threads[i], pop_there, 11 + i);
		cr_assert(thread_falls_asleep(&threads[i]), "CPU %d", cpus[i]);
	}
	tp_cpus_each_cache_lock(tp_lock_release);
	tp_lock_release(&tp_cpus_lock);
	for (unsigned i = 0; i < cpu_count; i++)
		thread_join(&threads[i]);
	cr_assert_eq(stress_wrong, 0);
}

Test(stack_threads, resetting_locks_frees_every_cpu, .init = caches_start)
{
	for (unsigned i = 0; i < cpu_count; i++) {
		pin(cpus[i]);
		push(11, i, 1);
	}
	tp_lock_acquire(&tp_cpus_lock);
	tp_cpus_each_cache_lock(tp_lock_acquire);
	tp_cpus_each_cache_lock(tp_lock_reset); /* as a forked child does */
	tp_lock_reset(&tp_cpus_lock);
	for (unsigned i = 0; i < cpu_count; i++) {
		pin(cpus[i]);
		cr_assert_eq(tp_stack_pop(11), token(11, i));
	}
}

/*
 * What the tests of the per-CPU caches share: the CPUs, and objects that nobody looks into.
 */
#ifndef TEST_CACHES_H
#define TEST_CACHES_H

#include <criterion/criterion.h>
#include <sched.h>

#include "shim/cache.h"
#include "shim/slab.h"

#define CPUS_MAX 4U

static int cpus[CPUS_MAX];
static unsigned cpu_count;

static inline void pin(int cpu)
{
	cpu_set_t only;

	CPU_ZERO(&only);
	CPU_SET(cpu, &only);
	cr_assert_eq(sched_setaffinity(0, sizeof only, &only), 0);
}

/* The caches by the CPU: a test stays on one unless it says otherwise. */
static inline void caches_start(void)
{
	cpu_set_t allowed;

	cr_assert_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE && cpu_count < CPUS_MAX; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			cpus[cpu_count++] = cpu;
	pin(cpus[0]);
	tp_slab_start();
	cr_assert(tp_cache_start(true));
}

/* A value to push; nobody looks where it points. */
static inline void *token(unsigned class_index, unsigned number)
{
	return (void *)((uintptr_t)class_index << 32 | (uintptr_t)(number + 1) << 4);
}

static inline void push(unsigned class_index, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++)
		cr_assert(tp_cache_push_slow(class_index, token(class_index, i)), "class %u, push %u", class_index, i);
}

static inline void expect_counts(unsigned class_index, uint64_t operations, uint64_t depth)
{
	struct tp_cache_counts counts;

	tp_cache_read_counts(class_index, &counts);
	cr_assert_eq(
	    counts.operations, operations, "%zu operations of class %u", (size_t)counts.operations, class_index);
	cr_assert_eq(counts.depth, depth, "%zu objects of class %u", (size_t)counts.depth, class_index);
}

#endif

/*
 * What the tests of the per-CPU caches share: the CPUs, and objects that nobody looks into.
 */
#ifndef TEST_CACHES_H
#define TEST_CACHES_H

#include <criterion/criterion.h>
#include <sched.h>

#include "shim/budget.h"
#include "shim/slab.h"
#include "shim/stack.h"
#include "shim/table.h"

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

/* Find the CPUs, and stay on the first: a test does unless it says otherwise. */
static inline void find_cpus(void)
{
	cpu_set_t allowed;

	cr_assert_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE && cpu_count < CPUS_MAX; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			cpus[cpu_count++] = cpu;
	pin(cpus[0]);
}

/* The caches by the CPU. */
static inline void caches_start(void)
{
	find_cpus();
	tp_class_build(&tp_classes, 65536, TP_ZERO_OFF);
	tp_slab_start();
	tp_budget_start(UINT64_MAX, UINT64_MAX);
	cr_assert(tp_table_start(true));
}

/* Give this CPU's stack of a class all the slots that it may have, keeping what it holds. */
static inline void open_fully(unsigned class_index)
{
	cr_assert(tp_table_ensure());
	while (tp_stack_grow(class_index, TP_CLASS_CAPACITY_MAX))
		;
}

static inline void open_all(void)
{
	for (unsigned i = 1; i < tp_classes.count; i++)
		open_fully(i);
}

/* A value to push; nobody looks where it points. */
static inline void *token(unsigned class_index, unsigned number)
{
	return (void *)((uintptr_t)class_index << 32 | (uintptr_t)(number + 1) << 4);
}

static inline void push(unsigned class_index, unsigned first, unsigned count)
{
	open_fully(class_index);
	for (unsigned i = first; i < first + count; i++)
		cr_assert(tp_stack_push(class_index, token(class_index, i)), "class %u, push %u", class_index, i);
}

static inline void expect_counts(unsigned class_index, uint64_t operations, uint64_t depth)
{
	struct tp_table_counts counts;

	tp_table_read_counts(class_index, &counts);
	cr_assert_eq(
	    counts.operations, operations, "%zu operations of class %u", (size_t)counts.operations, class_index);
	cr_assert_eq(counts.depth[0] + counts.depth[1], depth, "%zu and %zu objects of class %u",
	    (size_t)counts.depth[0], (size_t)counts.depth[1], class_index);
}

#endif

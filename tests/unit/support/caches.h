/*
 * What the tests of the per-CPU caches share: the CPUs, and objects that nobody looks into.
 */
#ifndef TEST_CACHES_H
#define TEST_CACHES_H

#include <criterion/criterion.h>
#include <sched.h>

#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/budget.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/pool/stack.h"
#if defined(TEST_RSEQ) && defined(__x86_64__)
#include <sys/rseq.h>

#include "shim/arch/x86_64/layout.h"
#include "shim/base/hot.h"
#endif

#define CPUS_MAX 4U
#define MORE_THAN_A_STACK (TP_CLASS_CAPACITY_MAX + 1U)

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

/*
 * Of a test that is built with restartable sections (@variants): have them take the CPU's number, which pin() decides,
 * not one that the kernel gives out anew.
 */
static inline void number_by_cpu(void)
{
#if defined(TEST_RSEQ) && defined(__x86_64__)
	if (tp_cpus_guard != TP_CPUS_RSEQ)
		cr_skip_test("no restartable sections here");
	tp_hot_cpu_offset = __rseq_offset + TP_RSEQ_CPU_ID;
#endif
}

/* The caches by the CPU. */
static inline void caches_start(void)
{
	find_cpus();
	tp_class_build(&tp_classes, 65536, TP_ZERO_OFF);
	tp_slab_start();
	tp_budget_start(UINT64_MAX, UINT64_MAX);
	cr_assert(tp_cpus_start(true));
	number_by_cpu();
}

/* The slots that a stack of a class grows to. */
static inline unsigned stack_slots(unsigned class_index)
{
	return tp_classes.row[class_index].capacity;
}

/* What this CPU has, which it is given if it has none. */
static inline struct tp_cpu *own_cpu(void)
{
	cr_assert(tp_cpus_ensure());
	struct tp_cpu *cpu = tp_cpus_at(tp_cpus_current_number());

	cr_assert_not_null(cpu);
	return cpu;
}

/* Give a stack of this CPU's all the slots that it may have, keeping what it holds. */
static inline void open_fully(int stack)
{
	cr_assert(tp_cpus_ensure());
	while (tp_stack_grow(stack, TP_CLASS_CAPACITY_MAX))
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
	struct tp_counters_stack counts;

	tp_counters_read_stack(class_index, &counts);
	cr_assert_eq(
	    counts.operations, operations, "%zu operations of class %u", (size_t)counts.operations, class_index);
	cr_assert_eq(counts.depth[0] + counts.depth[1], depth, "%zu and %zu objects of class %u",
	    (size_t)counts.depth[0], (size_t)counts.depth[1], class_index);
}

/* What takes batches of objects of a class and gives them back: how a test puts into it, takes out, and asks. */
struct batches {
	size_t (*put)(unsigned class_index, void *const *objects, size_t count);
	size_t (*take)(unsigned class_index, void **objects, size_t count);
	size_t (*depth)(unsigned class_index);
};

/* Of an empty one that is counted: batches come back newest first, each in the order it went, and are no operations. */
static inline void expect_newest_first(const struct batches *batches)
{
	void *objects[10], *taken[10] = { 0 };

	for (unsigned i = 0; i < 10; i++)
		objects[i] = token(8, i);
	cr_assert_eq(batches->put(8, objects, 10), 10);
	cr_assert_eq(batches->depth(8), 10);
	expect_counts(8, 0, 10);
	cr_assert_eq(batches->take(8, taken, 3), 3);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(taken[i], token(8, 7 + i));
	cr_assert_null(taken[3]);
	cr_assert_eq(batches->take(8, taken, 10), 7);
	for (unsigned i = 0; i < 7; i++)
		cr_assert_eq(taken[i], token(8, i));
	cr_assert_eq(batches->take(8, taken, 10), 0);
	cr_assert_eq(batches->put(8, objects, 0), 0);
	expect_counts(8, 0, 0);
}

/* All classes full at once: one that took another's slots would be found by its tokens. */
static inline void expect_capacities(const struct batches *batches, unsigned (*capacity_of)(unsigned class_index))
{
	void *objects[TP_CLASS_OVERFLOW_MAX + 1], *taken[TP_CLASS_OVERFLOW_MAX + 1];
	size_t more = sizeof objects / sizeof *objects;

	for (unsigned i = 1; i < tp_classes.count; i++) {
		for (unsigned k = 0; k < more; k++)
			objects[k] = token(i, k);
		cr_assert_eq(batches->put(i, objects, more), capacity_of(i), "class %u", i);
		cr_assert_eq(batches->put(i, objects, 1), 0, "class %u", i);
	}
	for (unsigned i = 1; i < tp_classes.count; i++) {
		cr_assert_eq(batches->take(i, taken, more), capacity_of(i), "class %u", i);
		for (unsigned k = 0; k < capacity_of(i); k++)
			cr_assert_eq(taken[k], token(i, k), "class %u", i);
	}
}

#endif

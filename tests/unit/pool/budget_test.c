/* The budgets: what may be reserved, in all and on one CPU, and that all of it comes back. */
#include "shim/pool/budget.h"

#include <criterion/criterion.h>

#include "shim/heap/size_classes.h"
#include "shim/pool/steal.h"
#include "tests/unit/support/caches.h"
#include "tests/unit/support/threads.h"

TestSuite(budget, .timeout = 100);

#define CLASS 4U /* 64 bytes */
#define BYTES 64U

static void expect_reserved(const struct tp_cpu *cpu, uint64_t objects)
{
	cr_assert_eq(tp_budget_reserved_bytes(), objects * BYTES, "%zu bytes", (size_t)tp_budget_reserved_bytes());
	cr_assert_eq(cpu->reserved_bytes, objects * BYTES, "%zu bytes on the CPU", (size_t)cpu->reserved_bytes);
}

Test(budget, gives_what_fits_down_to_the_least, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	tp_budget_start(10 * BYTES + BYTES - 1, UINT64_MAX);
	cr_assert_eq(tp_budget_reserve(cpu, CLASS, 1, 4), 4);
	cr_assert_eq(tp_budget_denied_bytes(CLASS), 0);
	cr_assert_eq(tp_budget_reserve(cpu, CLASS, 7, 10), 0);
	expect_reserved(cpu, 4);
	cr_assert_eq(tp_budget_denied_bytes(CLASS), 10 * BYTES);
	cr_assert_eq(tp_budget_reserve(cpu, CLASS, 6, 10), 6);
	expect_reserved(cpu, 10);
	cr_assert_eq(tp_budget_denied_bytes(CLASS), 14 * BYTES);
	cr_assert_eq(tp_budget_reserve(cpu, CLASS, 0, 1), 0);
	cr_assert_eq(tp_budget_reserve(cpu, CLASS, 0, 0), 0);
	cr_assert_eq(tp_budget_denied_bytes(CLASS), 15 * BYTES);
	cr_assert_eq(tp_budget_denied_bytes(CLASS + 1), 0);
	tp_budget_release(cpu, CLASS, 10);
	expect_reserved(cpu, 0);
}

Test(budget, of_one_cpu_binds_it_alone, .init = caches_start)
{
	struct tp_cpu *first = own_cpu(), other = { 0 };

	tp_budget_start(15 * BYTES, 10 * BYTES);
	cr_assert_eq(tp_budget_reserve(first, CLASS, 1, 100), 10);
	cr_assert_eq(tp_budget_reserve(first, CLASS, 1, 1), 0);
	/* What the other one reserved before all was found to be too much is given back. */
	cr_assert_eq(tp_budget_reserve(&other, CLASS, 6, 10), 0);
	cr_assert_eq(other.reserved_bytes, 0);
	cr_assert_eq(tp_budget_reserve(&other, CLASS, 1, 10), 5);
	cr_assert_eq(other.reserved_bytes, 5 * BYTES);
	cr_assert_eq(tp_budget_reserved_bytes(), 15 * BYTES);
	tp_budget_release(first, CLASS, 10);
	cr_assert_eq(tp_budget_reserve(&other, CLASS, 1, 10), 5);
	tp_budget_release(&other, CLASS, 10);
	expect_reserved(first, 0);
}

Test(budget, of_nothing_lets_nothing_in, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();
	void *object = token(CLASS, 0);

	tp_budget_start(0, UINT64_MAX);
	cr_assert_not(tp_stack_grow(CLASS, TP_CLASS_CAPACITY_MAX));
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, &object, 1), 0);
	tp_budget_start(UINT64_MAX, BYTES - 1);
	cr_assert_not(tp_stack_grow(CLASS, TP_CLASS_CAPACITY_MAX));
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, &object, 1), 0);
	expect_reserved(cpu, 0);
}

Test(budget, lowered_below_what_is_reserved_only_refuses_more, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	cr_assert_eq(tp_budget_reserve(cpu, CLASS, 1, 100), 100);
	tp_budget_start(10 * BYTES, 10 * BYTES);
	cr_assert_eq(tp_budget_reserve(cpu, CLASS, 1, 1), 0);
	expect_reserved(cpu, 100);
	tp_budget_release(cpu, CLASS, 91);
	cr_assert_eq(tp_budget_reserve(cpu, CLASS, 1, 5), 1);
	expect_reserved(cpu, 10);
}

Test(budget, takes_the_largest_objects_and_sums, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();
	const unsigned largest = tp_classes.count - 1;

	cr_assert_eq(tp_budget_reserve(cpu, largest, 1, TP_CLASS_CAPACITY_MAX), TP_CLASS_CAPACITY_MAX);
	cr_assert_eq(tp_budget_reserved_bytes(), (uint64_t)TP_CLASS_CAPACITY_MAX * 65536);
	tp_budget_release(cpu, largest, TP_CLASS_CAPACITY_MAX);
	expect_reserved(cpu, 0);
}

/* ---- what is reserved for what */

static void turn(void)
{
	unsigned old = tp_cpus_primary();
	void *objects[TP_CLASS_BATCH_MAX];

	for (unsigned i = 1; i < tp_classes.count; i++)
		while (tp_steal_drain(old ^ 1, i, objects, TP_CLASS_BATCH_MAX) > 0)
			;
	tp_steal_seal(old ^ 1);
	cr_assert(tp_cpus_turn());
	tp_steal_open_victims(old);
}

static void put(unsigned count)
{
	void *objects[TP_CLASS_OVERFLOW_MAX];

	for (unsigned i = 0; i < count; i++)
		objects[i] = token(CLASS, i);
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, objects, count), count);
}

Test(budget, counts_slots_of_stacks_objects_of_overflows_and_what_victims_hold, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();
	void *objects[8];

	push(CLASS, 0, 5);
	size_t slots = tp_stack_capacity(CLASS);
	expect_reserved(cpu, slots);
	put(8);
	expect_reserved(cpu, slots + 8);
	cr_assert_eq(tp_steal_take(CLASS, objects, 3), 3);
	expect_reserved(cpu, slots + 5);
	turn(); /* a victim's empty slots are nobody's */
	expect_reserved(cpu, 5 + 5);
	cr_assert_eq(tp_steal_take(CLASS, objects, 2), 2);
	expect_reserved(cpu, 3 + 5);
	push(CLASS, 0, 1);
	slots = tp_stack_capacity(CLASS);
	expect_reserved(cpu, slots + 3 + 5);
	turn();
	expect_reserved(cpu, 1);
	turn();
	expect_reserved(cpu, 0);
}

Test(budget, a_cpu_that_comes_in_the_middle_of_a_turn_gives_nothing_back, .init = caches_start)
{
	if (cpu_count < 2)
		cr_skip_test("one CPU");
	push(CLASS, 0, 5);
	cr_assert(tp_cpus_turn());
	pin(cpus[1]);
	struct tp_cpu *cpu = own_cpu();

	tp_steal_open_victims(0);
	cr_assert_eq(cpu->reserved_bytes, 0);
	pin(cpus[0]);
	cr_assert_eq(tp_budget_reserved_bytes(), 5 * tp_classes.row[CLASS].object_bytes);
	turn();
	cr_assert_eq(tp_budget_reserved_bytes(), 0);
}

Test(budget, an_overflow_that_is_full_reserves_no_more_than_it_took, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();
	void *objects[2] = { token(CLASS, 0), token(CLASS, 1) };
	unsigned capacity = tp_classes.row[CLASS].overflow_capacity;

	put(capacity - 1);
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, objects, 2), 1);
	expect_reserved(cpu, capacity);
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, objects, 2), 0);
	expect_reserved(cpu, capacity);
}

Test(budget, every_class_gives_all_of_it_back, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	for (int round = 0; round < 3; round++) {
		for (unsigned i = 1; i < tp_classes.count; i++)
			push(i, 0, i % tp_classes.row[i].capacity);
		cr_assert_gt(tp_budget_reserved_bytes(), 0);
		turn();
	}
	turn();
	expect_reserved(cpu, 0);
}

/* ---- many threads */

#define HAMMER_THREADS 8U
#define HAMMER_STEPS 100000

static _Atomic unsigned hammer_wrong;
static struct tp_cpu hammered[2];

static void hammer(unsigned number)
{
	struct tp_cpu *cpu = &hammered[number % 2];
	uint32_t random = number * 2654435761U + 1;
	size_t held[TP_CLASS_LIMIT] = { 0 };

	for (int step = 0; step < HAMMER_STEPS; step++) {
		random = random * 1664525 + 1013904223;
		unsigned class_index = 1 + (random >> 8) % (tp_classes.count - 1);
		size_t count = 1 + (random >> 20) % 64;

		if (random >> 31) {
			held[class_index] += tp_budget_reserve(cpu, class_index, 1 + count / 2, count);
		} else {
			count = count < held[class_index] ? count : held[class_index];
			held[class_index] -= count;
			tp_budget_release(cpu, class_index, count);
		}
		if (tp_budget_reserved_bytes() > 1 << 20 || cpu->reserved_bytes > 600 << 10)
			hammer_wrong++;
	}
	for (unsigned i = 1; i < tp_classes.count; i++)
		tp_budget_release(cpu, i, held[i]);
}

Test(budget, no_number_of_threads_exceeds_it, .init = caches_start)
{
	tp_budget_start(1 << 20, 600 << 10);
	threads_run(HAMMER_THREADS, hammer);
	cr_assert_eq(hammer_wrong, 0, "%u times more was reserved than there is", hammer_wrong);
	cr_assert_eq(tp_budget_reserved_bytes(), 0);
	cr_assert_eq(hammered[0].reserved_bytes + hammered[1].reserved_bytes, 0);
}

/* Sharing between CPUs: where a batch goes, the order in which a need looks, what victims give back. */
#include "shim/heap/size_classes.h"
#include "shim/pool/steal.h"

#include <criterion/criterion.h>

#include "tests/unit/support/caches.h"

#define CLASS 20U
#define BATCH 8U

/* Put tokens [first, first + count) on this CPU's overflow. */
static void put(unsigned first, unsigned count)
{
	void *objects[MORE_THAN_A_STACK];

	for (unsigned i = 0; i < count; i++)
		objects[i] = token(CLASS, first + i);
	own_cpu();
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, objects, count), count);
}

/* A get takes tokens [first, first + count) and no more. */
static void expect_taken(unsigned first, unsigned count)
{
	void *objects[BATCH] = { 0 };

	cr_assert_eq(tp_steal_take(CLASS, objects, BATCH), count, "from token %u", first);
	for (unsigned i = 0; i < count; i++)
		cr_assert_eq(objects[i], token(CLASS, first + i), "token %u", first + i);
}

static void expect_hits(uint64_t overflow, uint64_t stolen, uint64_t victim)
{
	uint64_t counts[TP_STEAL_SOURCE_COUNT];

	tp_steal_read_counts(CLASS, counts);
	cr_assert_eq(counts[TP_STEAL_OVERFLOW], overflow, "%zu overflow", (size_t)counts[TP_STEAL_OVERFLOW]);
	cr_assert_eq(counts[TP_STEAL_STOLEN], stolen, "%zu stolen", (size_t)counts[TP_STEAL_STOLEN]);
	cr_assert_eq(counts[TP_STEAL_VICTIM], victim, "%zu victim", (size_t)counts[TP_STEAL_VICTIM]);
}

static void turn(void)
{
	unsigned old = tp_cpus_primary();

	tp_steal_seal(old ^ 1);
	cr_assert(tp_cpus_turn());
	tp_steal_open_victims(old);
}

Test(share, where_nothing_is_there_is_nothing_to_take, .init = caches_start)
{
	expect_taken(0, 0);
	own_cpu();
	expect_taken(0, 0);
	expect_hits(0, 0, 0);
}

Test(share, a_cpu_without_caches_takes_no_batch, .init = caches_start)
{
	void *object = token(CLASS, 0);

	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, &object, 1), 0);
	expect_taken(0, 0);
}

Test(share, a_batch_comes_back_as_it_went_newest_first, .init = caches_start)
{
	put(0, BATCH);
	put(100, BATCH);
	expect_taken(100, BATCH);
	expect_taken(0, BATCH);
	expect_taken(0, 0);
	expect_hits(2, 0, 0);
	expect_counts(CLASS, 0, 0);
}

Test(share, an_overflow_takes_what_fits, .init = caches_start)
{
	void *objects[TP_CLASS_OVERFLOW_MAX + 1];
	unsigned capacity = tp_classes.row[CLASS].overflow_capacity;

	for (unsigned i = 0; i < TP_CLASS_OVERFLOW_MAX + 1; i++)
		objects[i] = token(CLASS, i);
	own_cpu();
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, objects, TP_CLASS_OVERFLOW_MAX + 1), capacity);
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, objects, 1), 0);
	expect_taken(capacity - BATCH, BATCH);
	cr_assert_eq(tp_steal_offer(tp_cpus_current_number(), CLASS, objects, MORE_THAN_A_STACK), BATCH);
}

Test(share, classes_do_not_mix, .init = caches_start)
{
	void *object;

	put(0, 1);
	cr_assert_eq(tp_steal_take(CLASS + 1, &object, 1), 0);
	cr_assert_eq(tp_steal_take(CLASS - 1, &object, 1), 0);
	expect_taken(0, 1);
}

Test(share, the_own_primary_stack_is_not_shared, .init = caches_start)
{
	push(CLASS, 0, 5);
	expect_taken(0, 0);
	cr_assert_eq(tp_stack_pop(CLASS), token(CLASS, 4));
}

Test(share, a_get_looks_in_own_overflow_others_own_victims_others, .init = caches_start)
{
	if (cpu_count < 2)
		cr_skip_test("one CPU");
	/* Victims: of the stack and the overflow of both CPUs. */
	push(CLASS, 0, 2);
	put(10, 3);
	pin(cpus[1]);
	push(CLASS, 20, 4);
	put(30, 5);
	turn();
	put(40, 6);
	pin(cpus[0]);
	put(50, 7);

	expect_taken(50, 7);
	expect_hits(1, 0, 0);
	expect_taken(40, 6);
	expect_hits(1, 1, 0);
	expect_taken(0, 2);
	expect_taken(10, 3);
	expect_taken(20, 4);
	expect_taken(30, 5);
	expect_hits(1, 1, 4);
	expect_taken(0, 0);
	expect_hits(1, 1, 4);
}

Test(share, the_nearest_cpu_by_number_is_stolen_from_first, .init = caches_start)
{
	if (cpu_count < 3)
		cr_skip_test("fewer than three CPUs");
	for (unsigned i = 0; i < 3; i++) {
		pin(cpus[i]);
		put(i * 10, 1);
	}
	pin(cpus[1]);
	expect_taken(10, 1);
	expect_taken(20, 1);
	expect_taken(0, 1);
	expect_hits(1, 2, 0);
}

Test(share, stacks_are_closed_to_others_until_they_are_opened, .init = caches_start)
{
	push(CLASS, 0, 3);
	cr_assert(tp_cpus_turn());
	expect_taken(0, 0);
	tp_steal_open_victims(0);
	expect_taken(0, 3);
	expect_hits(0, 0, 1);
}

Test(share, nothing_is_pushed_on_victims, .init = caches_start)
{
	push(CLASS, 0, 3);
	turn();
	push(CLASS, 10, 1);
	put(20, 1);
	cr_assert_eq(tp_cache_depth(own_cpu()->caches[0], CLASS), 3);
	cr_assert_eq(tp_overflow_depth(&own_cpu()->overflow[0], CLASS), 0);
	cr_assert_eq(tp_cache_depth(own_cpu()->caches[1], CLASS), 1);
	cr_assert_eq(tp_overflow_depth(&own_cpu()->overflow[1], CLASS), 1);
}

Test(share, a_drain_takes_all_of_a_generation_and_only_that, .init = caches_start)
{
	void *objects[BATCH];
	unsigned total = 0;
	size_t taken;

	for (unsigned i = 0; i < cpu_count; i++) {
		pin(cpus[i]);
		push(CLASS, i * 1000, 11 + i);
		put(i * 1000 + 100, 21);
		total += 32 + i;
	}
	turn();
	put(5000, 4);
	push(CLASS, 6000, 1);
	while ((taken = tp_steal_drain(0, CLASS, objects, BATCH)) > 0) {
		for (size_t i = 0; i < taken; i++)
			cr_assert_lt((uintptr_t)objects[i], (uintptr_t)token(CLASS, 5000));
		total -= (unsigned)taken;
	}
	cr_assert_eq(total, 0, "%u objects were left", total);
	expect_taken(5000, 4);
	cr_assert_eq(tp_stack_pop(CLASS), token(CLASS, 6000));
	expect_hits(1, 0, 0); /* a drain is no get */
}

Test(share, sealed_stacks_can_be_primary_again, .init = caches_start)
{
	push(CLASS, 0, 3);
	turn();
	cr_assert_eq(own_cpu()->caches[0]->victim, 1);
	expect_taken(0, 3);
	turn();
	cr_assert_eq(own_cpu()->caches[0]->victim, 0);
	cr_assert_eq(own_cpu()->caches[1]->victim, 1);
	push(CLASS, 10, 2);
	cr_assert_eq(tp_cache_depth(own_cpu()->caches[0], CLASS), 2);
	expect_taken(0, 0);
	cr_assert_eq(tp_stack_pop(CLASS), token(CLASS, 11));
}

Test(share, a_seal_keeps_the_counts, .init = caches_start)
{
	push(CLASS, 0, 3);
	turn();
	expect_counts(CLASS, 3, 3);
	expect_taken(0, 3);
	tp_steal_seal(0);
	expect_counts(CLASS, 3, 0);
	tp_steal_seal(0);
	expect_counts(CLASS, 3, 0);
	tp_steal_seal(1); /* the primary was never opened */
	push(CLASS, 0, 1);
	expect_counts(CLASS, 4, 1);
}

Test(share, many_turns_neither_lose_nor_double_anything, .init = caches_start)
{
	void *objects[BATCH];
	bool held[64];

	for (unsigned i = 0; i < 64; i++)
		push(CLASS, i, 1);
	for (unsigned round = 0; round < 200; round++) {
		size_t taken, total = 0;

		turn();
		memset(held, 0, sizeof held);
		while ((taken = tp_steal_take(CLASS, objects, BATCH)) > 0) {
			for (size_t i = 0; i < taken; i++) {
				unsigned number = (unsigned)((uintptr_t)objects[i] >> 4 & 0xfffffff) - 1;

				cr_assert_lt(number, 64);
				cr_assert_not(held[number], "token %u twice in round %u", number, round);
				held[number] = true;
			}
			total += taken;
		}
		cr_assert_eq(total, 64, "%zu objects in round %u", total, round);
		for (unsigned i = 0; i < 64; i++)
			if (i % 3 == 0)
				put(i, 1);
			else
				push(CLASS, i, 1);
	}
}

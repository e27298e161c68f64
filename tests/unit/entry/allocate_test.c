/*
 * What a class's settings do to requests: modes, capacity, warmth, batches, clearing, early admission.
 *
 * @variants norseq rseq
 */
#include "shim/entry/allocate.h"

#include <criterion/criterion.h>

#include "shim/base/process.h"
#include "shim/entry/resize.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/budget.h"
#include "tests/unit/support/requests.h"

/* ---- modes */

Test(allocate, never_is_never_pooled, .init = start)
{
	void *objects[COUNT];

	tp_classes.row[CLASS].mode = TP_CLASS_NEVER;
	tp_classes.row[CLASS].warm_count = 8;
	settle();
	take(objects, COUNT, BYTES);
	give(objects, COUNT);
	expect_held(CLASS, 0);
	cr_assert_eq(stats(CLASS).from_slab, COUNT);
	cr_assert_eq(stats(CLASS).spilled, COUNT);
	cr_assert_eq(stats(CLASS).refilled, 0);
	cr_assert_eq(state(CLASS).why, TP_WHY_NEVER);
	cr_assert_not(state(CLASS).admitted);
	cr_assert_eq(tp_budget_reserved_bytes(), 0);
}

Test(allocate, always_is_pooled_from_the_first_request, .init = start)
{
	void *object;

	tp_classes.row[CLASS].mode = TP_CLASS_ALWAYS;
	settle();
	take(&object, 1, BYTES);
	cr_assert_eq(stats(CLASS).refilled, tp_classes.row[CLASS].refill_count - 1U);
	give(&object, 1);
	expect_held(CLASS, tp_classes.row[CLASS].refill_count);
	cr_assert_eq(stats(CLASS).spilled, 0);
	cr_assert_eq(state(CLASS).why, TP_WHY_ALWAYS);
}

Test(allocate, auto_is_pooled_once_it_is_seen_often, .init = start)
{
	void *objects[EARLY];

	admit_at_leisure();
	take(objects, EARLY - 1, BYTES);
	cr_assert_not(state(CLASS).admitted);
	cr_assert_eq(state(CLASS).why, TP_WHY_START);
	expect_held(CLASS, 0);
	cr_assert_eq(stats(CLASS).from_slab, EARLY - 1);
	take(objects + EARLY - 1, 1, BYTES);
	cr_assert(state(CLASS).admitted);
	cr_assert_eq(state(CLASS).why, TP_WHY_RATE);
	expect_held(CLASS, tp_classes.row[CLASS].refill_count - 1U);
	cr_assert_not(state(CLASS + 1).admitted);
}

Test(allocate, what_comes_back_is_no_request, .init = start)
{
	void *objects[2][COUNT];

	/* As many as there may be without a class being admitted: fewer than it takes, of every class. */
	for (unsigned i = 0; i < EARLY - 1; i++)
		take(objects[0] + i, 1, BYTES);
	for (unsigned i = 0; i < EARLY - 1; i++)
		take(objects[1] + i, 1, 2 * BYTES);
	give(objects[0], EARLY - 1);
	give(objects[1], EARLY - 1);
	cr_assert_not(state(CLASS).admitted);
	cr_assert_not(state(RARE).admitted);
	expect_held(CLASS, 0);
	cr_assert_eq(stats(CLASS).spilled, EARLY - 1);
}

/* ---- settings */

Test(allocate, capacity_is_what_a_stack_and_an_overflow_hold, .init = start)
{
	void *objects[COUNT];

	tp_classes.row[CLASS].mode = TP_CLASS_ALWAYS;
	tp_classes.row[CLASS].capacity = 37;
	tp_classes.row[CLASS].capped = true;
	tp_class_index(&tp_classes);
	tp_classes.row[CLASS].refill_count = 5;
	settle();
	take(objects, COUNT, BYTES);
	give(objects, COUNT);
	cr_assert_leq(stats(CLASS).held_objects, 2 * 37);
	cr_assert_gt(stats(CLASS).held_objects, 37);
	cr_assert_eq(tp_overflow_depth(&tp_cpus_at(tp_cpus_current_number())->overflow[0], CLASS), 37);
	cr_assert_eq(tp_stack_capacity(CLASS), 37);
	take(objects, COUNT, BYTES);
	expect_held(CLASS, stats(CLASS).held_objects);
}

Test(allocate, a_miss_takes_a_batch_from_the_slabs, .init = start)
{
	void *objects[20];

	tp_classes.row[CLASS].mode = TP_CLASS_ALWAYS;
	tp_classes.row[CLASS].refill_count = 10;
	settle();
	take(objects, 10, BYTES);
	cr_assert_eq(stats(CLASS).from_slab, 1);
	cr_assert_eq(stats(CLASS).refilled, 9);
	expect_held(CLASS, 0);
	take(objects + 10, 1, BYTES);
	cr_assert_eq(stats(CLASS).from_slab, 2);
	expect_held(CLASS, 9);
}

Test(allocate, every_cpu_is_warm_before_its_first_use, .init = start)
{
	tp_classes.row[CLASS].warm_count = 300; /* more than one batch */
	tp_classes.row[RARE].warm_count = 7;
	tp_classes.row[RARE].mode = TP_CLASS_ALWAYS;
	tp_classes.row[1].mode = TP_CLASS_ALWAYS;
	settle();
	for (unsigned i = 0; i < cpu_count; i++) {
		pin(cpus[i]);
		tp_allocate_slow(16); /* of another class */
		expect_held(CLASS, (i + 1) * 300);
		expect_held(RARE, (i + 1) * 7);
	}
	cr_assert_eq(stats(CLASS).gets, 0);
	cr_assert_eq(stats(CLASS).refilled, cpu_count * 300);
	cr_assert_eq(state(CLASS).why, TP_WHY_START);
	pin(cpus[0]);
	cr_assert_not_null(tp_allocate_slow(BYTES));
	cr_assert_eq(stats(CLASS).local, 1);
	cr_assert_eq(stats(CLASS).from_slab, 0);
}

Test(allocate, a_cpu_is_warmed_within_the_capacity_and_the_budget, .init = start)
{
	tp_classes.row[CLASS].warm_count = 100;
	tp_classes.row[CLASS].capacity = 50;
	tp_classes.row[RARE].warm_count = 100;
	tp_classes.row[RARE].mode = TP_CLASS_ALWAYS;
	tp_classes.row[1].mode = TP_CLASS_ALWAYS;
	settle();
	tp_budget_start(100 * BYTES, UINT64_MAX);
	tp_allocate_slow(16); /* of a class that is left no room */
	expect_held(1, 0);
	expect_held(CLASS, 50);
	expect_held(RARE, 25);
	cr_assert_leq(tp_budget_reserved_bytes(), 100 * BYTES);
}

/* No more than a tick's decision may a class be open when a CPU is first used. */
Test(allocate, a_dismissed_class_warms_no_further_cpu, .init = start)
{
	if (cpu_count < 2)
		cr_skip_test("one CPU");
	tp_classes.row[CLASS].warm_count = 5;
	tp_classes.row[1].mode = TP_CLASS_ALWAYS;
	settle();
	tp_allocate_slow(16);
	expect_held(CLASS, 5);
	tp_process.options.admit.number = tp_process.options.dismiss.number = 1000000000;
	tp_admission_tick();
	cr_assert_not(state(CLASS).admitted);
	pin(cpus[1]);
	tp_allocate_slow(16);
	expect_held(CLASS, 5);
}

/* ---- clearing */

static bool is_clear(const unsigned char *object, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (object[i] != 0)
			return false;
	return true;
}

static void dirty(unsigned zero)
{
	tp_classes.row[CLASS].mode = TP_CLASS_ALWAYS;
	tp_classes.row[CLASS].zero = (uint8_t)zero;
	settle();
}

Test(allocate, zero_put_clears_as_it_is_put, .init = start)
{
	dirty(TP_ZERO_PUT);
	unsigned char *object = tp_allocate_slow(50);

	cr_assert(is_clear(object, BYTES), "a fresh one is not clear");
	memset(object, 0xa5, BYTES);
	tp_allocate_free_slow(object);
	cr_assert(is_clear(object, BYTES), "something is left");
	/* It is clear already, so a request for zeroes does not clear it again: a wrong write stays. */
	object[20] = 1;
	cr_assert_eq(tp_allocate_zeroed(50), object);
	cr_assert_eq(object[20], 1, "it was cleared twice");
	memset(object, 0xa5, BYTES);
	cr_assert_neq(tp_resize(object, 200), object);
	cr_assert(is_clear(object, BYTES), "realloc left something behind");
}

Test(allocate, zero_put_clears_what_no_pool_takes, .init = start)
{
	dirty(TP_ZERO_PUT);
	tp_classes.row[CLASS].mode = TP_CLASS_NEVER;
	settle();
	unsigned char *object = tp_allocate_slow(BYTES), *kept = tp_allocate_slow(BYTES);

	memset(object, 0xa5, BYTES);
	tp_allocate_free_slow(object);
	cr_assert(is_clear(object, BYTES));
	cr_assert_eq(tp_allocate_zeroed(BYTES), object);
	tp_allocate_free_slow(kept);
}

/* Of memory that a class which is not cleared has used. */
Test(allocate, zero_put_begins_with_clear_slabs, .init = start)
{
	void *objects[COUNT];

	dirty(TP_ZERO_PUT);
	tp_classes.row[RARE].mode = TP_CLASS_NEVER;
	settle();
	take(objects, COUNT, 2 * BYTES);
	for (unsigned i = 0; i < COUNT; i++)
		memset(objects[i], 0xa5, 2 * BYTES);
	give(objects, COUNT);
	take(objects, COUNT, BYTES);
	for (unsigned i = 0; i < COUNT; i++)
		cr_assert(is_clear(objects[i], BYTES), "object %u", i);
}

Test(allocate, zero_get_clears_as_it_is_got, .init = start)
{
	dirty(TP_ZERO_GET);
	unsigned char *object = tp_allocate_slow(50);

	memset(object, 0xa5, BYTES);
	tp_allocate_free_slow(object);
	cr_assert_not(is_clear(object, BYTES), "it was cleared early");
	cr_assert_eq(tp_allocate_slow(55), object);
	cr_assert(is_clear(object, BYTES));
	memset(object, 0xa5, BYTES);
	tp_allocate_free_slow(object);
	cr_assert_eq(tp_allocate_zeroed(60), object);
	cr_assert(is_clear(object, BYTES));
}

Test(allocate, zero_off_leaves_what_there_was, .init = start)
{
	dirty(TP_ZERO_OFF);
	unsigned char *object = tp_allocate_slow(BYTES);

	memset(object, 0xa5, BYTES);
	tp_allocate_free_slow(object);
	cr_assert_eq(tp_allocate_slow(BYTES), object);
	cr_assert_eq(object[BYTES - 1], 0xa5);
	tp_allocate_free_slow(object);
	cr_assert_eq(tp_allocate_zeroed(BYTES), object);
	cr_assert(is_clear(object, BYTES));
}

/*
 * How this CPU's stacks open and grow, behind their locks and by restartable sections.
 *
 * @variants norseq rseq
 */
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/counters.h"
#include "shim/pool/stack.h"

#include <criterion/criterion.h>

#include "tests/unit/support/caches.h"

/* This CPU's stacks of the primary generation. */
static struct tp_cache *own_cache(void)
{
	return own_cpu()->caches[tp_cpus_primary()];
}

/* Tokens [0, count) are there, the last one newest, and nothing else; they are there again afterwards. */
static void expect_contents(unsigned class_index, unsigned count)
{
	for (unsigned i = count; i-- > 0;)
		cr_assert_eq(tp_stack_pop(class_index), token(class_index, i), "class %u, token %u", class_index, i);
	cr_assert_null(tp_stack_pop(class_index), "class %u holds more than %u", class_index, count);
	for (unsigned i = 0; i < count; i++)
		cr_assert(tp_stack_push(class_index, token(class_index, i)), "class %u, token %u", class_index, i);
}

Test(stack_growth, it_is_closed_until_it_grows, .init = caches_start)
{
	void *object = token(5, 0);

	own_cache();
	cr_assert_eq(tp_stack_capacity(5), 0);
	cr_assert_not(tp_stack_push(5, object));
	cr_assert_null(tp_stack_pop(5));
	cr_assert_eq(tp_stack_push_batch(5, &object, 1), 0);
	cr_assert_eq(tp_stack_pop_batch(5, &object, 1), 0);
	cr_assert_not(tp_stack_grow(5, 0), "a limit of 0 opened it");
	cr_assert_eq(tp_stack_capacity(5), 0);
	cr_assert(tp_stack_grow(5, 511));
	cr_assert_geq(tp_stack_capacity(5), tp_classes.row[5].refill_count);
	cr_assert(tp_stack_push(5, object));
	expect_counts(5, 1, 1);
}

Test(stack_growth, a_cpu_without_caches_does_not_grow, .init = caches_start)
{
	cr_assert_not(tp_stack_grow(5, 511));
	cr_assert_eq(tp_stack_capacity(5), 0);
	cr_assert_eq(tp_budget_reserved_bytes(), 0);
}

Test(stack_growth, growth_keeps_what_it_holds_in_its_order, .init = caches_start)
{
	own_cache();
	/* Full, all but one, half, one and none, at every step; the classes beside it stay as they are. */
	for (unsigned way = 0; way < 5; way++) {
		for (unsigned i = 1 + way; i < tp_classes.count; i += 5) {
			unsigned held = 0, steps = 0, capacity = 0;

			while (tp_stack_grow(i, TP_CLASS_CAPACITY_MAX)) {
				expect_contents(i, held);
				cr_assert(capacity == 0 || tp_stack_capacity(i) > 2 * capacity, "%u slots to %zu",
				    capacity, tp_stack_capacity(i));
				capacity = (unsigned)tp_stack_capacity(i);
				unsigned next = way == 0   ? capacity
						: way == 1 ? capacity - 1
						: way == 2 ? capacity / 2
							   : way == 3;
				for (; held < next; held++)
					cr_assert(tp_stack_push(i, token(i, held)));
				steps++;
			}
			cr_assert_eq(capacity, stack_slots(i), "class %u stays at %u slots", i, capacity);
			cr_assert_gt(steps, 0);
			expect_contents(i, held);
		}
	}
}

Test(stack_growth, growth_counts_no_operations, .init = caches_start)
{
	own_cache();
	cr_assert(tp_stack_grow(2, 511));
	cr_assert(tp_stack_push(2, token(2, 0)));
	cr_assert_not_null(tp_stack_pop(2));
	cr_assert(tp_stack_push(2, token(2, 1)));
	while (tp_stack_grow(2, 511))
		expect_counts(2, 3, 1);
	cr_assert_eq(tp_stack_pop(2), token(2, 1));
	expect_counts(2, 4, 0);
}

Test(stack_growth, it_grows_to_its_limit_and_not_beyond, .init = caches_start)
{
	own_cache();
	for (unsigned limit = 1; limit <= stack_slots(1); limit++) {
		struct tp_cache *cache = own_cache();

		tp_classes.row[1].refill_count = (uint16_t)(1 + limit % 128);
		while (tp_stack_grow(1, limit))
			;
		cr_assert_eq(tp_stack_capacity(1), limit, "%zu slots, not %u", tp_stack_capacity(1), limit);
		for (unsigned i = 0; i < limit; i++)
			cr_assert(tp_stack_push(1, token(1, i)));
		cr_assert_not(tp_stack_push(1, token(1, limit)), "limit %u", limit);
		for (unsigned i = limit; i-- > 0;)
			cr_assert_eq(tp_stack_pop(1), token(1, i), "limit %u", limit);
		cr_assert_null(tp_stack_pop(1), "limit %u", limit);
		tp_counters_seal(cache);
		cr_assert_eq(tp_stack_capacity(1), 0);
	}
}

/* As many classes as there can be, which all grow to what they can have at once: more than a cache has room for. */
Test(stack_growth, who_finds_no_room_stays_as_it_is, .init = find_cpus)
{
	unsigned full = 0;

	tp_class_build(&tp_classes, TP_CLASS_BYTES_LIMIT, TP_ZERO_OFF);
	for (uint32_t bytes = 4000; tp_class_add(&tp_classes, bytes / 16 * 16) != 0; bytes += 16)
		;
	tp_slab_start();
	tp_budget_start(UINT64_MAX, UINT64_MAX);
	cr_assert(tp_cpus_start(true));
	number_by_cpu();
	own_cache();
	for (unsigned i = 1; i < tp_classes.count; i++)
		tp_classes.row[i].capacity = TP_CLASS_CAPACITY_MAX;
	for (bool grown = true; grown;) {
		grown = false;
		for (unsigned i = 1; i < tp_classes.count; i++)
			grown |= tp_stack_grow(i, TP_CLASS_CAPACITY_MAX);
	}
	for (unsigned i = 1; i < tp_classes.count; i++) {
		full += tp_stack_capacity(i) == TP_CLASS_CAPACITY_MAX;
		for (unsigned k = 0; k < tp_stack_capacity(i); k++)
			cr_assert(tp_stack_push(i, token(i, k)), "class %u, slot %u", i, k);
		cr_assert_not(tp_stack_push(i, token(i, 0)), "class %u", i);
	}
	cr_assert_gt(full, 20);
	cr_assert_lt(full, tp_classes.count - 1);
	for (unsigned i = 1; i < tp_classes.count; i++)
		expect_contents(i, (unsigned)tp_stack_capacity(i));
}

Test(stack_growth, it_grows_to_any_capacity_of_its_class, .init = caches_start)
{
	own_cache();
	for (unsigned capacity = 1; capacity <= TP_CLASS_CAPACITY_MAX; capacity++) {
		struct tp_cache *cache = own_cache();

		tp_classes.row[3].capacity = (uint16_t)capacity;
		tp_classes.row[3].refill_count = (uint16_t)(capacity % 7 * 30 + 1);
		while (tp_stack_grow(3, TP_CLASS_CAPACITY_MAX))
			;
		cr_assert_eq(tp_stack_capacity(3), capacity, "%zu slots, not %u", tp_stack_capacity(3), capacity);
		tp_counters_seal(cache);
	}
}

Test(stack_growth, it_is_what_the_budget_leaves, .init = caches_start)
{
	const uint32_t bytes = tp_classes.row[7].object_bytes;

	own_cache();
	tp_budget_start(UINT64_MAX, 100 * bytes);
	cr_assert(tp_stack_grow(7, 60));
	cr_assert_not(tp_stack_grow(7, TP_CLASS_CAPACITY_MAX));
	cr_assert_eq(tp_stack_capacity(7), 60);
	cr_assert_eq(tp_budget_reserved_bytes(), 60 * bytes);
	cr_assert_gt(tp_budget_denied_bytes(7), 0);

	/* A closed one takes what there is; one that is open waits for room to double. */
	const uint32_t few = 40 * bytes / tp_classes.row[6].object_bytes;

	cr_assert(tp_stack_grow(6, TP_CLASS_CAPACITY_MAX));
	cr_assert_eq(tp_stack_capacity(6), few);
	cr_assert_not(tp_stack_grow(6, TP_CLASS_CAPACITY_MAX));
	cr_assert_not(tp_stack_grow(8, TP_CLASS_CAPACITY_MAX));
	cr_assert_eq(tp_stack_capacity(8), 0);
	for (unsigned i = 0; i < few; i++)
		cr_assert(tp_stack_push(6, token(6, i)));
	cr_assert_not(tp_stack_push(6, token(6, few)));
	expect_contents(6, few);
	tp_budget_start(UINT64_MAX, UINT64_MAX);
	cr_assert(tp_stack_grow(6, TP_CLASS_CAPACITY_MAX));
	expect_contents(6, few);
}

Test(stack_growth, a_victim_does_not_grow, .init = caches_start)
{
	struct tp_cache *cache = own_cache();

	cache->victim = 1;
	cr_assert_not(tp_stack_grow(5, TP_CLASS_CAPACITY_MAX));
	cr_assert_eq(tp_cache_capacity(cache, 5), 0);
	cr_assert_eq(tp_budget_reserved_bytes(), 0);
	cache->victim = 0;
	cr_assert(tp_stack_grow(5, TP_CLASS_CAPACITY_MAX));
}

/* What lay there when it was larger must not be popped. */
Test(stack_growth, a_stack_that_opens_again_smaller_is_empty, .init = caches_start)
{
	for (unsigned i = 1; i < tp_classes.count; i++) {
		push(i, 0, stack_slots(i));
		while (tp_stack_pop(i))
			;
	}
	tp_counters_seal(own_cache());
	for (unsigned i = 1; i < tp_classes.count; i++) {
		unsigned limit = 1 + i % stack_slots(i);

		cr_assert(tp_stack_grow(i, limit));
		cr_assert_null(tp_stack_pop(i), "class %u", i);
		cr_assert(tp_stack_push(i, token(i, 0)));
		while (tp_stack_grow(i, TP_CLASS_CAPACITY_MAX))
			expect_contents(i, 1);
	}
}

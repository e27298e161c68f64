/*
 * This CPU's stacks, behind their locks and by restartable sections.
 *
 * @variants norseq rseq
 */
#include "shim/stack.h"

#include <criterion/criterion.h>

#include "tests/unit/caches.h"

static unsigned capacity_of(unsigned class_index)
{
	return tp_classes.row[class_index].capacity;
}

Test(stack, class_0_is_always_closed, .init = caches_start)
{
	void *object = token(0, 0);

	cr_assert_not(tp_stack_push(0, object));
	cr_assert_null(tp_stack_pop(0));
	cr_assert_eq(tp_stack_fill(0, &object, 1), 0);
	cr_assert_eq(tp_stack_empty(0, &object, 1), 0);
	expect_counts(0, 0, 0);
	push(1, 0, capacity_of(1));
	cr_assert_null(tp_stack_pop(0));
}

Test(stack, last_in_is_first_out, .init = caches_start)
{
	push(7, 0, 20);
	for (unsigned i = 20; i-- > 10;)
		cr_assert_eq(tp_stack_pop(7), token(7, i));
	push(7, 50, 1);
	cr_assert_eq(tp_stack_pop(7), token(7, 50));
	for (unsigned i = 10; i-- > 0;)
		cr_assert_eq(tp_stack_pop(7), token(7, i));
	cr_assert_null(tp_stack_pop(7));
}

Test(stack, an_empty_stack_pops_null, .init = caches_start)
{
	for (unsigned class_index = 0; class_index < tp_classes.count; class_index++) {
		cr_assert_null(tp_stack_pop(class_index));
		expect_counts(class_index, 0, 0);
	}
}

Test(stack, every_class_is_full_at_its_capacity, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		unsigned capacity = capacity_of(class_index);

		push(class_index, 0, capacity);
		cr_assert_not(tp_stack_push(class_index, token(class_index, capacity)), "class %u", class_index);
		expect_counts(class_index, capacity, capacity);
		cr_assert_eq(tp_stack_pop(class_index), token(class_index, capacity - 1));
		push(class_index, capacity - 1, 1);
		cr_assert_not(tp_stack_push(class_index, token(class_index, capacity)));
	}
}

Test(stack, full_stacks_of_all_classes_do_not_touch_each_other, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++)
		push(class_index, 0, capacity_of(class_index));
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		for (unsigned i = capacity_of(class_index); i-- > 0;)
			cr_assert_eq(tp_stack_pop(class_index), token(class_index, i), "class %u", class_index);
		cr_assert_null(tp_stack_pop(class_index), "class %u", class_index);
	}
}

Test(stack, fill_stacks_all_that_fit, .init = caches_start)
{
	void *objects[TP_CLASS_CAPACITY_MAX + 1];
	unsigned capacity = capacity_of(30);

	for (unsigned i = 0; i <= capacity; i++)
		objects[i] = token(30, i);
	open_fully(30);
	cr_assert_eq(tp_stack_fill(30, objects, 10), 10);
	expect_counts(30, 0, 10);
	cr_assert_eq(tp_stack_fill(30, objects + 10, 0), 0);
	cr_assert_eq(tp_stack_fill(30, objects + 10, capacity - 9), capacity - 10);
	expect_counts(30, 0, capacity);
	cr_assert_eq(tp_stack_fill(30, objects + capacity, 1), 0);
	cr_assert_not(tp_stack_push(30, objects[capacity]));
	for (unsigned i = capacity; i-- > 0;)
		cr_assert_eq(tp_stack_pop(30), objects[i]);
	cr_assert_null(tp_stack_pop(30));
}

Test(stack, fill_fits_exactly_the_capacity_of_every_class, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		void *objects[MORE_THAN_A_STACK];

		for (unsigned i = 0; i < MORE_THAN_A_STACK; i++)
			objects[i] = token(class_index, i);
		open_fully(class_index);
		cr_assert_eq(tp_stack_fill(class_index, objects, MORE_THAN_A_STACK), capacity_of(class_index),
		    "class %u", class_index);
		cr_assert_eq(tp_stack_pop(class_index), objects[capacity_of(class_index) - 1]);
	}
}

Test(stack, empty_takes_the_newest_in_the_order_they_came, .init = caches_start)
{
	void *objects[8] = { 0 };

	push(9, 0, 10);
	cr_assert_eq(tp_stack_empty(9, objects, 4), 4);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(objects[i], token(9, 6 + i));
	cr_assert_null(objects[4]);
	expect_counts(9, 10, 6);
	cr_assert_eq(tp_stack_pop(9), token(9, 5));
	cr_assert_eq(tp_stack_empty(9, objects, 8), 5);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(objects[i], token(9, i));
	cr_assert_eq(tp_stack_empty(9, objects, 8), 0);
	cr_assert_null(tp_stack_pop(9));
	expect_counts(9, 11, 0);
}

Test(stack, empty_takes_a_full_stack_of_every_class, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		void *objects[MORE_THAN_A_STACK];
		unsigned capacity = capacity_of(class_index);

		push(class_index, 0, capacity);
		cr_assert_eq(
		    tp_stack_empty(class_index, objects, MORE_THAN_A_STACK), capacity, "class %u", class_index);
		for (unsigned i = 0; i < capacity; i++)
			cr_assert_eq(objects[i], token(class_index, i), "class %u", class_index);
		expect_counts(class_index, capacity, 0);
		push(class_index, 0, capacity);
	}
}

/* The object that lies at @place of a stack: the first @depth were pushed, the others filled in. Some are 0 in their low half. */
static void *placed(unsigned place, unsigned depth)
{
	unsigned number = place < depth ? place : 100 + place - depth;

	return number % 5 == 3 ? (void *)((uintptr_t)number << 32) : token(21, number);
}

/* Fill @count objects in on top of @depth, take @wanted of them, and pop the rest. */
static void fill_and_empty(unsigned slots, unsigned depth, unsigned count, unsigned wanted)
{
	unsigned fits = count < slots - depth ? count : slots - depth, held = depth + fits;
	unsigned comes = wanted < held ? wanted : held;
	void *objects[20], *taken[20] = { 0 };

	for (unsigned i = 0; i < count; i++)
		objects[i] = placed(depth + i, depth);
	for (unsigned i = 0; i < depth; i++)
		cr_assert(tp_stack_push(21, placed(i, depth)));
	cr_assert_eq(tp_stack_fill(21, objects, count), fits, "%u at %u", count, depth);
	cr_assert_eq(tp_stack_empty(21, taken, wanted), comes, "%u of %u", wanted, held);
	for (unsigned i = 0; i < comes; i++)
		cr_assert_eq(
		    taken[i], placed(held - comes + i, depth), "%u of %u, %u at %u", wanted, held, count, depth);
	for (unsigned i = held - comes; i-- > 0;)
		cr_assert_eq(tp_stack_pop(21), placed(i, depth), "%u left of %u", i, held);
	cr_assert_null(tp_stack_pop(21));
}

/* Sections move several at a time. */
Test(stack, batches_of_any_length_fit_at_any_depth, .init = caches_start)
{
	enum { SLOTS = 15, BATCH_MAX = 20 };

	/* Between two neighbours, full of what nobody may touch. */
	for (unsigned class_index = 20; class_index < 23; class_index++)
		cr_assert(tp_table_ensure() && tp_stack_grow(class_index, SLOTS), "class %u", class_index);
	cr_assert_eq(tp_stack_capacity(21), SLOTS);
	for (unsigned i = 0; i < SLOTS; i++)
		cr_assert(tp_stack_push(20, token(20, i)) && tp_stack_push(22, token(22, i)));
	for (unsigned depth = 0; depth <= SLOTS; depth++)
		for (unsigned count = 0; count <= BATCH_MAX; count++)
			for (unsigned wanted = 0; wanted <= BATCH_MAX; wanted++)
				fill_and_empty(SLOTS, depth, count, wanted);
	for (unsigned i = SLOTS; i-- > 0;)
		cr_assert(tp_stack_pop(20) == token(20, i) && tp_stack_pop(22) == token(22, i));
}

Test(stack, only_pushes_and_pops_that_move_an_object_are_operations, .init = caches_start)
{
	void *objects[3] = { token(2, 90), token(2, 91), token(2, 92) };

	push(2, 0, 5);
	expect_counts(2, 5, 5);
	cr_assert_not_null(tp_stack_pop(2));
	expect_counts(2, 6, 4);
	cr_assert_eq(tp_stack_fill(2, objects, 3), 3);
	expect_counts(2, 6, 7);
	cr_assert_eq(tp_stack_empty(2, objects, 2), 2);
	expect_counts(2, 6, 5);
	for (int i = 0; i < 5; i++)
		cr_assert_not_null(tp_stack_pop(2));
	expect_counts(2, 11, 0);
	cr_assert_null(tp_stack_pop(2));
	expect_counts(2, 11, 0);
	expect_counts(1, 0, 0);
	expect_counts(3, 0, 0);
}

Test(stack, many_operations_are_counted_without_touching_the_slot, .init = caches_start)
{
	push(4, 0, 1);
	for (unsigned i = 0; i < 100000; i++) {
		cr_assert(tp_stack_push(4, token(4, i)));
		cr_assert_eq(tp_stack_pop(4), token(4, i));
	}
	expect_counts(4, 200001, 1);
	cr_assert_eq(tp_stack_pop(4), token(4, 0));
	cr_assert_null(tp_stack_pop(4));
}

/* ---- growth */

/* This CPU's stacks of the primary generation. */
static struct tp_cache *own_cache(void)
{
	return own_cpu()->stacks[tp_table_primary()];
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

Test(stack, it_is_closed_until_it_grows, .init = caches_start)
{
	void *object = token(5, 0);

	own_cache();
	cr_assert_eq(tp_stack_capacity(5), 0);
	cr_assert_not(tp_stack_push(5, object));
	cr_assert_null(tp_stack_pop(5));
	cr_assert_eq(tp_stack_fill(5, &object, 1), 0);
	cr_assert_eq(tp_stack_empty(5, &object, 1), 0);
	cr_assert_not(tp_stack_grow(5, 0), "a limit of 0 opened it");
	cr_assert_eq(tp_stack_capacity(5), 0);
	cr_assert(tp_stack_grow(5, 511));
	cr_assert_geq(tp_stack_capacity(5), tp_classes.row[5].refill_count);
	cr_assert(tp_stack_push(5, object));
	expect_counts(5, 1, 1);
}

Test(stack, a_cpu_without_caches_does_not_grow, .init = caches_start)
{
	cr_assert_not(tp_stack_grow(5, 511));
	cr_assert_eq(tp_stack_capacity(5), 0);
	cr_assert_eq(tp_budget_reserved_bytes(), 0);
}

Test(stack, growth_keeps_what_it_holds_in_its_order, .init = caches_start)
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
			cr_assert_eq(capacity, capacity_of(i), "class %u stays at %u slots", i, capacity);
			cr_assert_gt(steps, 0);
			expect_contents(i, held);
		}
	}
}

Test(stack, growth_counts_no_operations, .init = caches_start)
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

Test(stack, it_grows_to_its_limit_and_not_beyond, .init = caches_start)
{
	own_cache();
	for (unsigned limit = 1; limit <= capacity_of(1); limit++) {
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
		tp_table_seal(cache);
		cr_assert_eq(tp_stack_capacity(1), 0);
	}
}

/* As many classes as there can be, which all grow to what they can have at once: more than a cache has room for. */
Test(stack, who_finds_no_room_stays_as_it_is, .init = find_cpus)
{
	unsigned full = 0;

	tp_class_build(&tp_classes, TP_CLASS_BYTES_LIMIT, TP_ZERO_OFF);
	for (uint32_t bytes = 4000; tp_class_add(&tp_classes, bytes / 16 * 16) != 0; bytes += 16)
		;
	tp_slab_start();
	tp_budget_start(UINT64_MAX, UINT64_MAX);
	cr_assert(tp_table_start(true));
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

Test(stack, it_grows_to_any_capacity_of_its_class, .init = caches_start)
{
	own_cache();
	for (unsigned capacity = 1; capacity <= TP_CLASS_CAPACITY_MAX; capacity++) {
		struct tp_cache *cache = own_cache();

		tp_classes.row[3].capacity = (uint16_t)capacity;
		tp_classes.row[3].refill_count = (uint16_t)(capacity % 7 * 30 + 1);
		while (tp_stack_grow(3, TP_CLASS_CAPACITY_MAX))
			;
		cr_assert_eq(tp_stack_capacity(3), capacity, "%zu slots, not %u", tp_stack_capacity(3), capacity);
		tp_table_seal(cache);
	}
}

Test(stack, it_is_what_the_budget_leaves, .init = caches_start)
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

Test(stack, a_victim_does_not_grow, .init = caches_start)
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
Test(stack, a_stack_that_opens_again_smaller_is_empty, .init = caches_start)
{
	for (unsigned i = 1; i < tp_classes.count; i++) {
		push(i, 0, capacity_of(i));
		while (tp_stack_pop(i))
			;
	}
	tp_table_seal(own_cache());
	for (unsigned i = 1; i < tp_classes.count; i++) {
		unsigned limit = 1 + i % capacity_of(i);

		cr_assert(tp_stack_grow(i, limit));
		cr_assert_null(tp_stack_pop(i), "class %u", i);
		cr_assert(tp_stack_push(i, token(i, 0)));
		while (tp_stack_grow(i, TP_CLASS_CAPACITY_MAX))
			expect_contents(i, 1);
	}
}

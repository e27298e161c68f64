/*
 * This CPU's stacks, behind their locks and by restartable sections.
 *
 * @variants norseq rseq
 */
#include "shim/heap/size_classes.h"
#include "shim/pool/stack.h"

#include <criterion/criterion.h>

#include "tests/unit/support/caches.h"

Test(stack, class_0_is_always_closed, .init = caches_start)
{
	void *object = token(0, 0);

	cr_assert_not(tp_stack_push(0, object));
	cr_assert_null(tp_stack_pop(0));
	cr_assert_eq(tp_stack_push_batch(0, &object, 1), 0);
	cr_assert_eq(tp_stack_pop_batch(0, &object, 1), 0);
	expect_counts(0, 0, 0);
	push(1, 0, stack_slots(1));
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
		unsigned capacity = stack_slots(class_index);

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
		push(class_index, 0, stack_slots(class_index));
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		for (unsigned i = stack_slots(class_index); i-- > 0;)
			cr_assert_eq(tp_stack_pop(class_index), token(class_index, i), "class %u", class_index);
		cr_assert_null(tp_stack_pop(class_index), "class %u", class_index);
	}
}

Test(stack, fill_stacks_all_that_fit, .init = caches_start)
{
	void *objects[TP_CLASS_CAPACITY_MAX + 1];
	unsigned capacity = stack_slots(30);

	for (unsigned i = 0; i <= capacity; i++)
		objects[i] = token(30, i);
	open_fully(30);
	cr_assert_eq(tp_stack_push_batch(30, objects, 10), 10);
	expect_counts(30, 0, 10);
	cr_assert_eq(tp_stack_push_batch(30, objects + 10, 0), 0);
	cr_assert_eq(tp_stack_push_batch(30, objects + 10, capacity - 9), capacity - 10);
	expect_counts(30, 0, capacity);
	cr_assert_eq(tp_stack_push_batch(30, objects + capacity, 1), 0);
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
		cr_assert_eq(tp_stack_push_batch(class_index, objects, MORE_THAN_A_STACK), stack_slots(class_index),
		    "class %u", class_index);
		cr_assert_eq(tp_stack_pop(class_index), objects[stack_slots(class_index) - 1]);
	}
}

Test(stack, empty_takes_the_newest_in_the_order_they_came, .init = caches_start)
{
	void *objects[8] = { 0 };

	push(9, 0, 10);
	cr_assert_eq(tp_stack_pop_batch(9, objects, 4), 4);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(objects[i], token(9, 6 + i));
	cr_assert_null(objects[4]);
	expect_counts(9, 10, 6);
	cr_assert_eq(tp_stack_pop(9), token(9, 5));
	cr_assert_eq(tp_stack_pop_batch(9, objects, 8), 5);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(objects[i], token(9, i));
	cr_assert_eq(tp_stack_pop_batch(9, objects, 8), 0);
	cr_assert_null(tp_stack_pop(9));
	expect_counts(9, 11, 0);
}

Test(stack, empty_takes_a_full_stack_of_every_class, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		void *objects[MORE_THAN_A_STACK];
		unsigned capacity = stack_slots(class_index);

		push(class_index, 0, capacity);
		cr_assert_eq(
		    tp_stack_pop_batch(class_index, objects, MORE_THAN_A_STACK), capacity, "class %u", class_index);
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
	cr_assert_eq(tp_stack_push_batch(21, objects, count), fits, "%u at %u", count, depth);
	cr_assert_eq(tp_stack_pop_batch(21, taken, wanted), comes, "%u of %u", wanted, held);
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
		cr_assert(tp_cpus_ensure() && tp_stack_grow(class_index, SLOTS), "class %u", class_index);
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
	cr_assert_eq(tp_stack_push_batch(2, objects, 3), 3);
	expect_counts(2, 6, 7);
	cr_assert_eq(tp_stack_pop_batch(2, objects, 2), 2);
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

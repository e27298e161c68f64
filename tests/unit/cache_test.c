/* Per-CPU caches as they are without restartable sections: each behind its lock, in two generations. */
#include "shim/cache.h"

#include <criterion/criterion.h>

#include "shim/hot.h"
#include "tests/unit/caches.h"

static unsigned capacity_of(unsigned class_index)
{
	return tp_classes.row[class_index].capacity;
}

static void expect_closed(const struct tp_cache *cache)
{
	for (unsigned i = 0; i < TP_CLASS_COUNT; i++)
		cr_assert_eq(cache->headers[i], TP_CACHE_CLOSED, "class %u", i);
	/* Full: the slot is a multiple of the stride. Empty: the word below it is NULL. */
	cr_assert_eq(TP_CACHE_CLOSED % TP_CACHE_STRIDE, 0);
	cr_assert_eq(((const uint64_t *)cache)[TP_CACHE_CLOSED - 1], 0);
}

Test(cache, every_class_is_closed_before_start)
{
	cr_assert_eq(tp_hot_primary, tp_cache_before_start);
	expect_closed(tp_hot_primary[0]);
	cr_assert_eq(tp_cache_count(), 0);
	cr_assert_eq(tp_cache_mode, TP_CACHE_LOCK);
}

Test(cache, every_cpu_is_closed_until_its_first_use, .init = caches_start)
{
	for (unsigned i = 0; i < cpu_count; i++)
		expect_closed(tp_hot_primary[cpus[i]]);
	cr_assert_eq(tp_cache_count(), 0);
	for (unsigned class_index = 0; class_index < TP_CLASS_COUNT; class_index++)
		expect_counts(class_index, 0, 0);
	cr_assert(tp_cache_ensure());
	cr_assert_neq(tp_hot_primary[cpus[0]], tp_cache_before_start[0]);
	cr_assert_eq(tp_cache_count(), 1);
	cr_assert(tp_cache_ensure());
	cr_assert_eq(tp_cache_count(), 1);
}

Test(cache, without_sections_the_lock_guards_it, .init = caches_start)
{
	cr_assert_eq(tp_cache_mode, TP_CACHE_LOCK);
	cr_assert(tp_cache_usable());
	cr_assert(tp_cache_restore_registration());
	tp_cache_close();
	tp_cache_open();
	push(5, 0, 1);
	cr_assert_eq(tp_cache_pop_slow(5), token(5, 0));
}

Test(cache, class_0_is_always_closed, .init = caches_start)
{
	void *object = token(0, 0);

	cr_assert_not(tp_cache_push_slow(0, object));
	cr_assert_null(tp_cache_pop_slow(0));
	cr_assert_eq(tp_cache_fill(0, &object, 1), 0);
	cr_assert_eq(tp_cache_empty(0, &object, 1), 0);
	expect_counts(0, 0, 0);
	push(1, 0, capacity_of(1));
	cr_assert_null(tp_cache_pop_slow(0));
}

Test(cache, last_in_is_first_out, .init = caches_start)
{
	push(7, 0, 20);
	for (unsigned i = 20; i-- > 10;)
		cr_assert_eq(tp_cache_pop_slow(7), token(7, i));
	push(7, 50, 1);
	cr_assert_eq(tp_cache_pop_slow(7), token(7, 50));
	for (unsigned i = 10; i-- > 0;)
		cr_assert_eq(tp_cache_pop_slow(7), token(7, i));
	cr_assert_null(tp_cache_pop_slow(7));
}

Test(cache, an_empty_stack_pops_null, .init = caches_start)
{
	for (unsigned class_index = 0; class_index < TP_CLASS_COUNT; class_index++) {
		cr_assert_null(tp_cache_pop_slow(class_index));
		expect_counts(class_index, 0, 0);
	}
}

Test(cache, every_class_is_full_at_its_capacity, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < TP_CLASS_COUNT; class_index++) {
		unsigned capacity = capacity_of(class_index);

		push(class_index, 0, capacity);
		cr_assert_not(tp_cache_push_slow(class_index, token(class_index, capacity)), "class %u", class_index);
		expect_counts(class_index, capacity, capacity);
		cr_assert_eq(tp_cache_pop_slow(class_index), token(class_index, capacity - 1));
		push(class_index, capacity - 1, 1);
		cr_assert_not(tp_cache_push_slow(class_index, token(class_index, capacity)));
	}
}

Test(cache, full_stacks_of_all_classes_do_not_touch_each_other, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < TP_CLASS_COUNT; class_index++)
		push(class_index, 0, capacity_of(class_index));
	for (unsigned class_index = 1; class_index < TP_CLASS_COUNT; class_index++) {
		for (unsigned i = capacity_of(class_index); i-- > 0;)
			cr_assert_eq(tp_cache_pop_slow(class_index), token(class_index, i), "class %u", class_index);
		cr_assert_null(tp_cache_pop_slow(class_index), "class %u", class_index);
	}
}

Test(cache, fill_stacks_all_that_fit, .init = caches_start)
{
	void *objects[TP_CLASS_CAPACITY_MAX + 1];
	unsigned capacity = capacity_of(30);

	for (unsigned i = 0; i <= capacity; i++)
		objects[i] = token(30, i);
	cr_assert_eq(tp_cache_fill(30, objects, 10), 10);
	expect_counts(30, 0, 10);
	cr_assert_eq(tp_cache_fill(30, objects + 10, 0), 0);
	cr_assert_eq(tp_cache_fill(30, objects + 10, capacity - 9), capacity - 10);
	expect_counts(30, 0, capacity);
	cr_assert_eq(tp_cache_fill(30, objects + capacity, 1), 0);
	cr_assert_not(tp_cache_push_slow(30, objects[capacity]));
	for (unsigned i = capacity; i-- > 0;)
		cr_assert_eq(tp_cache_pop_slow(30), objects[i]);
	cr_assert_null(tp_cache_pop_slow(30));
}

Test(cache, fill_fits_exactly_the_capacity_of_every_class, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < TP_CLASS_COUNT; class_index++) {
		void *objects[TP_CACHE_STRIDE];

		for (unsigned i = 0; i < TP_CACHE_STRIDE; i++)
			objects[i] = token(class_index, i);
		cr_assert_eq(tp_cache_fill(class_index, objects, TP_CACHE_STRIDE), capacity_of(class_index), "class %u",
		    class_index);
		cr_assert_eq(tp_cache_pop_slow(class_index), objects[capacity_of(class_index) - 1]);
	}
}

Test(cache, empty_takes_the_newest_in_the_order_they_came, .init = caches_start)
{
	void *objects[8] = { 0 };

	push(9, 0, 10);
	cr_assert_eq(tp_cache_empty(9, objects, 4), 4);
	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(objects[i], token(9, 6 + i));
	cr_assert_null(objects[4]);
	expect_counts(9, 10, 6);
	cr_assert_eq(tp_cache_pop_slow(9), token(9, 5));
	cr_assert_eq(tp_cache_empty(9, objects, 8), 5);
	for (unsigned i = 0; i < 5; i++)
		cr_assert_eq(objects[i], token(9, i));
	cr_assert_eq(tp_cache_empty(9, objects, 8), 0);
	cr_assert_null(tp_cache_pop_slow(9));
	expect_counts(9, 11, 0);
}

Test(cache, empty_takes_a_full_stack_of_every_class, .init = caches_start)
{
	for (unsigned class_index = 1; class_index < TP_CLASS_COUNT; class_index++) {
		void *objects[TP_CACHE_STRIDE];
		unsigned capacity = capacity_of(class_index);

		push(class_index, 0, capacity);
		cr_assert_eq(tp_cache_empty(class_index, objects, TP_CACHE_STRIDE), capacity, "class %u", class_index);
		for (unsigned i = 0; i < capacity; i++)
			cr_assert_eq(objects[i], token(class_index, i), "class %u", class_index);
		expect_counts(class_index, capacity, 0);
		push(class_index, 0, capacity);
	}
}

Test(cache, only_pushes_and_pops_that_move_an_object_are_operations, .init = caches_start)
{
	void *objects[3] = { token(2, 90), token(2, 91), token(2, 92) };

	push(2, 0, 5);
	expect_counts(2, 5, 5);
	cr_assert_not_null(tp_cache_pop_slow(2));
	expect_counts(2, 6, 4);
	cr_assert_eq(tp_cache_fill(2, objects, 3), 3);
	expect_counts(2, 6, 7);
	cr_assert_eq(tp_cache_empty(2, objects, 2), 2);
	expect_counts(2, 6, 5);
	for (int i = 0; i < 5; i++)
		cr_assert_not_null(tp_cache_pop_slow(2));
	expect_counts(2, 11, 0);
	cr_assert_null(tp_cache_pop_slow(2));
	expect_counts(2, 11, 0);
	expect_counts(1, 0, 0);
	expect_counts(3, 0, 0);
}

Test(cache, many_operations_are_counted_without_touching_the_slot, .init = caches_start)
{
	push(4, 0, 1);
	for (unsigned i = 0; i < 100000; i++) {
		cr_assert(tp_cache_push_slow(4, token(4, i)));
		cr_assert_eq(tp_cache_pop_slow(4), token(4, i));
	}
	expect_counts(4, 200001, 1);
	cr_assert_eq(tp_cache_pop_slow(4), token(4, 0));
	cr_assert_null(tp_cache_pop_slow(4));
}

Test(cache, each_cpu_has_a_stack_of_its_own, .init = caches_start)
{
	if (cpu_count < 2)
		cr_skip_test("one CPU");
	push(6, 0, 3);
	pin(cpus[1]);
	cr_assert_null(tp_cache_pop_slow(6));
	push(6, 100, 1);
	pin(cpus[0]);
	cr_assert_eq(tp_cache_pop_slow(6), token(6, 2));
	pin(cpus[1]);
	cr_assert_eq(tp_cache_pop_slow(6), token(6, 100));
}

Test(cache, counts_are_sums_over_the_cpus, .init = caches_start)
{
	for (unsigned i = 0; i < cpu_count; i++) {
		pin(cpus[i]);
		push(6, 0, i + 3);
		cr_assert_not_null(tp_cache_pop_slow(6));
		cr_assert_eq(tp_cache_count(), i + 1);
	}
	/* 3 + 4 + ... pushes, and one pop each */
	unsigned pushes = cpu_count * 3 + cpu_count * (cpu_count - 1) / 2;
	expect_counts(6, pushes + cpu_count, pushes - cpu_count);
}

static struct tp_cpu *own_cpu(void)
{
	cr_assert(tp_cache_ensure());
	struct tp_cpu *cpu = tp_cache_cpu(tp_cache_current_number());

	cr_assert_not_null(cpu);
	return cpu;
}

Test(cache, a_cpu_has_caches_once_it_was_used, .init = caches_start)
{
	cr_assert_gt(tp_cache_number_count(), (unsigned)cpus[cpu_count - 1]);
	cr_assert_eq(tp_cache_current_number(), (unsigned)cpus[0]);
	for (unsigned number = 0; number < tp_cache_number_count(); number++)
		cr_assert_null(tp_cache_cpu(number));
	struct tp_cpu *cpu = own_cpu();
	cr_assert_eq(own_cpu(), cpu);
	for (unsigned number = 0; number < tp_cache_number_count(); number++)
		cr_assert_eq(tp_cache_cpu(number), number == (unsigned)cpus[0] ? cpu : NULL);
}

Test(cache, both_generations_and_their_overflows_begin_empty_and_sealed, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	for (unsigned generation = 0; generation < TP_CACHE_GENERATIONS; generation++) {
		struct tp_cache *const caches[] = { &cpu->stacks[generation], &cpu->overflow[generation] };

		for (unsigned which = 0; which < 2; which++) {
			cr_assert_eq(caches[which]->victim, 0);
			cr_assert_eq(caches[which]->headers[0], TP_CACHE_CLOSED);
			for (unsigned i = 1; i < TP_CLASS_COUNT; i++)
				cr_assert_eq(tp_cache_depth(caches[which], i), 0, "class %u", i);
		}
	}
}

Test(cache, put_and_take_move_the_newest_without_counting_operations, .init = caches_start)
{
	struct tp_cache *cache = &own_cpu()->overflow[0];
	void *objects[10], *taken[10] = { 0 };

	for (unsigned i = 0; i < 10; i++)
		objects[i] = token(8, i);
	cr_assert_eq(tp_cache_put(cache, 8, objects, 10), 10);
	cr_assert_eq(tp_cache_depth(cache, 8), 10);
	expect_counts(8, 0, 10);
	cr_assert_eq(tp_cache_take(cache, 8, taken, 3), 3);
	for (unsigned i = 0; i < 3; i++)
		cr_assert_eq(taken[i], token(8, 7 + i));
	cr_assert_null(taken[3]);
	cr_assert_eq(tp_cache_take(cache, 8, taken, 10), 7);
	for (unsigned i = 0; i < 7; i++)
		cr_assert_eq(taken[i], token(8, i));
	cr_assert_eq(tp_cache_take(cache, 8, taken, 10), 0);
	cr_assert_eq(tp_cache_put(cache, 8, objects, 0), 0);
	expect_counts(8, 0, 0);
}

Test(cache, put_fits_exactly_the_capacity_of_every_class, .init = caches_start)
{
	struct tp_cache *cache = &own_cpu()->overflow[1];
	void *objects[TP_CACHE_STRIDE], *taken[TP_CACHE_STRIDE];

	for (unsigned i = 1; i < TP_CLASS_COUNT; i++) {
		for (unsigned k = 0; k < TP_CACHE_STRIDE; k++)
			objects[k] = token(i, k);
		cr_assert_eq(tp_cache_put(cache, i, objects, TP_CACHE_STRIDE), capacity_of(i), "class %u", i);
		cr_assert_eq(tp_cache_put(cache, i, objects, 1), 0, "class %u", i);
	}
	for (unsigned i = 1; i < TP_CLASS_COUNT; i++) {
		cr_assert_eq(tp_cache_take(cache, i, taken, TP_CACHE_STRIDE), capacity_of(i), "class %u", i);
		for (unsigned k = 0; k < capacity_of(i); k++)
			cr_assert_eq(taken[k], token(i, k), "class %u", i);
	}
}

Test(cache, a_turn_makes_the_other_generation_primary, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	cr_assert_eq(tp_cache_primary(), 0);
	cr_assert_eq(tp_hot_primary[cpus[0]], &cpu->stacks[0]);
	push(5, 0, 3);
	cr_assert(tp_cache_turn());
	cr_assert_eq(tp_cache_primary(), 1);
	cr_assert_eq(tp_hot_primary[cpus[0]], &cpu->stacks[1]);
	cr_assert_null(tp_cache_pop_slow(5));
	push(5, 10, 2);
	cr_assert_eq(tp_cache_depth(&cpu->stacks[0], 5), 3);
	cr_assert_eq(tp_cache_depth(&cpu->stacks[1], 5), 2);
	expect_counts(5, 5, 5);
	cr_assert(tp_cache_turn());
	cr_assert_eq(tp_cache_primary(), 0);
	cr_assert_eq(tp_cache_pop_slow(5), token(5, 2));
}

Test(cache, fold_moves_operations_to_the_sums_and_leaves_the_depth, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();

	push(5, 0, 3);
	push(6, 0, 1);
	cr_assert_not_null(tp_cache_pop_slow(6));
	cr_assert(tp_cache_turn());
	tp_cache_fold(&cpu->stacks[0]);
	cr_assert_eq(cpu->stacks[0].headers[5] >> 16, 0);
	cr_assert_eq(cpu->stacks[0].headers[0], TP_CACHE_CLOSED);
	cr_assert_eq(tp_cache_depth(&cpu->stacks[0], 5), 3);
	expect_counts(5, 3, 3);
	expect_counts(6, 2, 0);
	tp_cache_fold(&cpu->stacks[0]);
	expect_counts(5, 3, 3);
}

Test(cache, a_cpu_first_used_after_a_turn_works_on_the_primary_generation, .init = caches_start)
{
	cr_assert(tp_cache_turn());
	push(5, 0, 1);
	struct tp_cpu *cpu = own_cpu();
	cr_assert_eq(tp_cache_depth(&cpu->stacks[1], 5), 1);
	cr_assert_eq(tp_cache_depth(&cpu->stacks[0], 5), 0);
	cr_assert_eq(tp_hot_primary[cpus[0]], &cpu->stacks[1]);
}

Test(cache, it_dozes_only_while_nothing_is_held, .init = caches_start)
{
	struct tp_cpu *cpu = own_cpu();
	void *object = token(5, 0);

	cr_assert(tp_cache_doze());
	tp_cache_wake();
	push(5, 0, 1);
	cr_assert_not(tp_cache_doze());
	cr_assert(tp_cache_turn());
	cr_assert_not(tp_cache_doze());
	cr_assert_eq(tp_cache_take(&cpu->stacks[0], 5, &object, 1), 1);
	cr_assert(tp_cache_doze());
	tp_cache_wake();
	cr_assert_eq(tp_cache_put(&cpu->overflow[0], 5, &object, 1), 1);
	cr_assert_not(tp_cache_doze());
	cr_assert_eq(tp_hot_primary[cpus[0]], &cpu->stacks[1]);
}

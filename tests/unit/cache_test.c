/* A cache that no section works on: a victim. */
#include "shim/cache.h"

#include <criterion/criterion.h>

#include "shim/arch/section.h"
#include "tests/unit/caches.h"

static struct tp_cpu *own_cpu(void)
{
	open_all();
	struct tp_cpu *cpu = tp_table_cpu(tp_table_current_number());

	cr_assert_not_null(cpu);
	return cpu;
}

Test(cache, put_and_take_move_the_newest_without_counting_operations, .init = caches_start)
{
	struct tp_cache *cache = own_cpu()->stacks[0];
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
	struct tp_cache *cache = own_cpu()->stacks[0];
	void *objects[(TP_CLASS_CAPACITY_MAX + 1)], *taken[(TP_CLASS_CAPACITY_MAX + 1)];

	for (unsigned i = 1; i < tp_classes.count; i++) {
		for (unsigned k = 0; k < (TP_CLASS_CAPACITY_MAX + 1); k++)
			objects[k] = token(i, k);
		cr_assert_eq(tp_cache_put(cache, i, objects, (TP_CLASS_CAPACITY_MAX + 1)), tp_classes.row[i].capacity,
		    "class %u", i);
		cr_assert_eq(tp_cache_put(cache, i, objects, 1), 0, "class %u", i);
	}
	for (unsigned i = 1; i < tp_classes.count; i++) {
		cr_assert_eq(tp_cache_take(cache, i, taken, (TP_CLASS_CAPACITY_MAX + 1)), tp_classes.row[i].capacity,
		    "class %u", i);
		for (unsigned k = 0; k < tp_classes.row[i].capacity; k++)
			cr_assert_eq(taken[k], token(i, k), "class %u", i);
	}
}

/* ---- areas */

static uintptr_t word_at(struct tp_cache *cache, unsigned index)
{
	return (uintptr_t) * ((void *_Atomic *)cache + index);
}

/* Fill an area as a stack would, up to its end. */
static void fill_area(struct tp_cache *cache, unsigned bottom, unsigned capacity)
{
	cr_assert_eq(word_at(cache, bottom - 1), 0, "%u slots at %u", capacity, bottom);
	for (unsigned i = 0; i < capacity; i++) {
		cr_assert_eq(word_at(cache, bottom + i), 0, "slot %u of %u at %u", i, capacity, bottom);
		*((void *_Atomic *)cache + bottom + i) = token(1, i);
	}
	cr_assert_eq(word_at(cache, bottom + capacity), TP_STACK_END, "%u slots at %u", capacity, bottom);
}

static struct tp_cache *empty_cache(void)
{
	cr_assert(tp_table_ensure());
	return tp_table_cpu(tp_table_current_number())->stacks[0];
}

Test(cache, an_area_has_its_slots_between_null_and_its_end_whatever_was_there, .init = caches_start)
{
	struct tp_cache *cache = empty_cache();

	for (unsigned capacity = 1; capacity <= TP_CLASS_CAPACITY_MAX; capacity++) {
		unsigned bottom = tp_cache_take_area(cache, capacity);

		cr_assert_neq(bottom, 0);
		fill_area(cache, bottom, capacity);
		tp_cache_give_area(cache, bottom, capacity);
	}
}

Test(cache, an_area_that_was_given_back_is_taken_first, .init = caches_start)
{
	struct tp_cache *cache = empty_cache();
	unsigned first = tp_cache_take_area(cache, 100), second = tp_cache_take_area(cache, 127);

	cr_assert_neq(first, second);
	tp_cache_give_area(cache, first, 100);
	tp_cache_give_area(cache, second, 127);
	cr_assert_eq(tp_cache_take_area(cache, 64), second);
	cr_assert_eq(tp_cache_take_area(cache, 65), first);
	cr_assert_gt(tp_cache_take_area(cache, 127), second);
	cr_assert_gt(tp_cache_take_area(cache, 63), second, "another size");
}

Test(cache, areas_lie_side_by_side_until_there_is_no_room, .init = caches_start)
{
	struct tp_cache *cache = empty_cache();
	unsigned bottoms[TP_CACHE_WORDS / 16], count = 0, bottom;

	for (unsigned capacity = TP_CLASS_CAPACITY_MAX; capacity >= 15; capacity /= 2)
		while ((bottom = tp_cache_take_area(cache, capacity)) != 0) {
			fill_area(cache, bottom, capacity);
			if (count > 0)
				cr_assert_gt(bottom, bottoms[count - 1]);
			cr_assert_leq(bottom + capacity, TP_CACHE_WORDS - 1);
			bottoms[count++] = bottom;
		}
	cr_assert_geq(count, TP_CLASS_LIMIT, "not one for each class");
	cr_assert_eq(tp_cache_take_area(cache, 1), 0);
	tp_cache_give_area(cache, bottoms[3], TP_CLASS_CAPACITY_MAX);
	cr_assert_eq(tp_cache_take_area(cache, 1), 0, "a large area as a small one");
	cr_assert_eq(tp_cache_take_area(cache, 256), bottoms[3]);
	tp_table_seal(cache);
	cr_assert_eq(tp_cache_take_area(cache, 1), bottoms[0]);
}

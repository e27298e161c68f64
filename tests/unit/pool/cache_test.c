/* A cache that no section works on: a victim. */
#include "shim/pool/cache.h"

#include <criterion/criterion.h>

#include "shim/arch/rseq.h"
#include "shim/pool/counters.h"
#include "tests/unit/support/caches.h"

static struct tp_cache *own_cache(void)
{
	return own_cpu()->caches[0];
}

static size_t put(unsigned class_index, void *const *objects, size_t count)
{
	return tp_cache_put(own_cache(), class_index, objects, count);
}

static size_t take(unsigned class_index, void **objects, size_t count)
{
	return tp_cache_take(own_cache(), class_index, objects, count);
}

static size_t depth(unsigned class_index)
{
	return tp_cache_depth(own_cache(), class_index);
}

static const struct batches batches = { put, take, depth };

Test(cache, put_and_take_move_the_newest_without_counting_operations, .init = caches_start)
{
	open_all();
	expect_newest_first(&batches);
}

Test(cache, put_fits_exactly_the_capacity_of_every_class, .init = caches_start)
{
	open_all();
	expect_capacities(&batches, stack_slots);
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

Test(cache, an_area_has_its_slots_between_null_and_its_end_whatever_was_there, .init = caches_start)
{
	struct tp_cache *cache = own_cache();

	for (unsigned capacity = 1; capacity <= TP_CLASS_CAPACITY_MAX; capacity++) {
		unsigned bottom = tp_cache_take_area(cache, capacity);

		cr_assert_neq(bottom, 0);
		fill_area(cache, bottom, capacity);
		tp_cache_give_area(cache, bottom, capacity);
	}
}

Test(cache, an_area_that_was_given_back_is_taken_first, .init = caches_start)
{
	struct tp_cache *cache = own_cache();
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
	struct tp_cache *cache = own_cache();
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
	tp_counters_seal(cache);
	cr_assert_eq(tp_cache_take_area(cache, 1), bottoms[0]);
}

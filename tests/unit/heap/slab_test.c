/* Slabs: what is handed out, from where, what comes back, and how it is counted. */
#include "shim/heap/pagemap.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"

#include <criterion/criterion.h>

#include "tests/unit/support/slabs.h"

#define OBJECTS_MAX 4096U /* of a slab */

static void start_small(void)
{
	cr_assert_neq(tp_region_reserve((size_t)16 << 20, tp_slab_record_bytes()), 0);
	tp_class_build(&tp_classes, 65536, TP_ZERO_OFF);
	tp_slab_start();
}

/* Take all objects of @slabs fresh slabs, in rising order within each. */
static void take_slabs(unsigned class_index, void **objects, size_t slabs)
{
	for (size_t i = 0; i < slabs * class_at(class_index)->slab_objects; i++)
		objects[i] = take_one(class_index);
}

Test(slab, a_take_gives_as_many_as_asked_in_falling_order, .init = slabs_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		void *objects[OBJECTS_MAX];
		size_t count = class_at(class_index)->slab_objects / 2 + 1;

		cr_assert_eq(tp_slab_take(class_index, TP_PAGEMAP_NO_OWNER, objects, count, TP_SLAB_GET), count,
		    "class %u", class_index);
		for (size_t i = 1; i < count; i++)
			cr_assert_eq((char *)objects[i - 1] - (char *)objects[i], class_at(class_index)->object_bytes,
			    "class %u, object %zu", class_index, i);
	}
}

Test(slab, a_take_from_a_fresh_slab_is_its_first_objects, .init = slabs_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		const struct tp_class *c = class_at(class_index);
		void *objects[3];

		cr_assert_eq(tp_slab_take(class_index, TP_PAGEMAP_NO_OWNER, objects, 3, TP_SLAB_GET), 3);
		cr_assert_eq((uintptr_t)objects[2] % c->slab_bytes, 0, "class %u", class_index);
		cr_assert_eq((uintptr_t)objects[0], (uintptr_t)objects[2] + 2 * c->object_bytes);
		cr_assert_eq(objects[2], tp_region_granule_address(tp_region_granule(objects[2])));
	}
}

Test(slab, every_granule_of_a_slab_names_its_class, .init = slabs_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		size_t granule = tp_region_granule(take_one(class_index));

		for (size_t i = 0; i < class_at(class_index)->slab_bytes >> TP_REGION_GRANULE_SHIFT; i++)
			cr_assert_eq(tp_hot_class_map[granule + i], class_index);
	}
}

Test(slab, objects_are_writable_and_overlap_nothing, .init = slabs_start)
{
	static void *objects[TP_CLASS_LIMIT][4];

	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		cr_assert_eq(tp_slab_take(class_index, TP_PAGEMAP_NO_OWNER, objects[class_index], 4, TP_SLAB_GET), 4);
		for (unsigned i = 0; i < 4; i++)
			memset(objects[class_index][i], (int)(class_index * 4 + i) % 251,
			    class_at(class_index)->object_bytes);
	}
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++)
		for (unsigned i = 0; i < 4; i++)
			for (size_t byte = 0; byte < class_at(class_index)->object_bytes; byte++)
				if (((unsigned char *)objects[class_index][i])[byte] != (class_index * 4 + i) % 251)
					cr_assert_fail("object %u of class %u was overwritten", i, class_index);
}

Test(slab, a_slab_hands_out_each_of_its_objects_once_and_in_order, .init = slabs_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		const struct tp_class *c = class_at(class_index);
		char *first = take_one(class_index);

		for (uint32_t i = 1; i < c->slab_objects; i++)
			cr_assert_eq((char *)take_one(class_index), first + i * c->object_bytes, "class %u, object %u",
			    class_index, i);
		cr_assert_eq(counts_of(class_index).live_bytes, c->slab_bytes);
		cr_assert_neq(slab_of(class_index, take_one(class_index)), (uintptr_t)first, "class %u", class_index);
		cr_assert_eq(counts_of(class_index).live_bytes, 2 * c->slab_bytes);
	}
}

Test(slab, batches_hand_out_each_object_of_a_slab_once, .init = slabs_start)
{
	const struct tp_class *c = class_at(CLASS_48);
	static bool seen[OBJECTS_MAX];
	uint32_t total = 0;
	uintptr_t slab = 0;

	for (size_t wanted = 1; total < c->slab_objects; wanted = wanted % 100 + 7) {
		void *objects[128];
		size_t taken = tp_slab_take(CLASS_48, TP_PAGEMAP_NO_OWNER, objects, wanted, TP_SLAB_GET);

		cr_assert_eq(taken, wanted < c->slab_objects - total ? wanted : c->slab_objects - total);
		for (size_t i = 0; i < taken; i++) {
			slab = slab ? slab : slab_of(CLASS_48, objects[i]);
			cr_assert_eq(slab_of(CLASS_48, objects[i]), slab);
			uint32_t index = tp_class_object_index(c, (uint32_t)((uintptr_t)objects[i] - slab));
			cr_assert_not(seen[index], "object %u", index);
			seen[index] = true;
		}
		total += (uint32_t)taken;
	}
	cr_assert_eq(total, c->slab_objects);
}

Test(slab, a_take_of_more_than_is_free_gives_what_is_there, .init = slabs_start)
{
	void *objects[8];
	ptrdiff_t object_bytes = class_at(CLASS_MAX)->object_bytes;

	cr_assert_eq(tp_slab_take(CLASS_MAX, TP_PAGEMAP_NO_OWNER, objects, 3, TP_SLAB_GET), 3);
	char *slab = objects[2];
	memset(objects, 0, sizeof objects);
	cr_assert_eq(tp_slab_take(CLASS_MAX, TP_PAGEMAP_NO_OWNER, objects, 8, TP_SLAB_GET), 1);
	cr_assert_eq(objects[0], slab + 3 * object_bytes);
	cr_assert_eq(tp_slab_take(CLASS_MAX, TP_PAGEMAP_NO_OWNER, objects, 8, TP_SLAB_GET), 4);
	for (size_t i = 1; i < 4; i++)
		cr_assert_eq((char *)objects[i - 1] - (char *)objects[i], object_bytes);
}

Test(slab, a_take_may_span_slabs_that_have_free_objects, .init = slabs_start)
{
	void *objects[8], *taken[8];

	take_slabs(CLASS_MAX, objects, 2);
	give_one(CLASS_MAX, objects[1]);
	give_one(CLASS_MAX, objects[6]);
	cr_assert_eq(tp_slab_take(CLASS_MAX, TP_PAGEMAP_NO_OWNER, taken, 5, TP_SLAB_GET), 2);
	cr_assert(
	    (taken[0] == objects[1] && taken[1] == objects[6]) || (taken[0] == objects[6] && taken[1] == objects[1]));
}

Test(slab, what_was_given_back_is_taken_again_lowest_first, .init = slabs_start)
{
	static void *objects[1024];
	static const unsigned given[] = { 700, 3, 64, 1023, 63, 0 };
	static const unsigned expected[] = { 0, 3, 63, 64, 700, 1023 };

	take_slabs(CLASS_64, objects, 1);
	for (size_t i = 0; i < 6; i++)
		give_one(CLASS_64, objects[given[i]]);
	for (size_t i = 0; i < 6; i++)
		cr_assert_eq(take_one(CLASS_64), objects[expected[i]], "object %u", expected[i]);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 65536);
}

Test(slab, an_empty_slab_is_taken_from_last, .init = slabs_start)
{
	static void *objects[2048];

	take_slabs(CLASS_64, objects, 2);
	/* The first slab becomes empty, of the second one object is kept. */
	tp_slab_give(CLASS_64, objects, 1024, TP_SLAB_DRAIN);
	tp_slab_give(CLASS_64, objects + 1024, 1023, TP_SLAB_DRAIN);
	for (size_t i = 1024; i < 2047; i++)
		cr_assert_eq(take_one(CLASS_64), objects[i], "object %zu", i);
	cr_assert_eq(take_one(CLASS_64), objects[0]);
}

Test(slab, the_fullest_slab_is_taken_from_first, .init = slabs_start)
{
	static void *objects[2048];

	take_slabs(CLASS_64, objects, 2);
	/* The first slab keeps a quarter of its objects, the second nearly all. */
	tp_slab_give(CLASS_64, objects, 768, TP_SLAB_FLUSH);
	give_one(CLASS_64, objects[2000]);
	give_one(CLASS_64, objects[2001]);
	cr_assert_eq(take_one(CLASS_64), objects[2000]);
	cr_assert_eq(take_one(CLASS_64), objects[2001]);
	cr_assert_eq(take_one(CLASS_64), objects[0]);
}

Test(slab, takes_and_gives_are_counted_by_their_reasons, .init = slabs_start)
{
	void *objects[40];

	cr_assert_eq(tp_slab_take(CLASS_64, TP_PAGEMAP_NO_OWNER, objects, 40, TP_SLAB_GET), 40);
	struct tp_slab_counts counts = counts_of(CLASS_64);
	cr_assert_eq(counts.from_slab, 1);
	cr_assert_eq(counts.refilled, 39);
	cr_assert_eq(counts.backend_calls, 1);
	cr_assert_eq(counts.backend_bytes, 65536);
	cr_assert_eq(counts.live_bytes, 65536);

	tp_slab_give(CLASS_64, objects, 4, TP_SLAB_UNDO);
	tp_slab_give(CLASS_64, objects + 4, 20, TP_SLAB_FLUSH);
	tp_slab_give(CLASS_64, objects + 24, 1, TP_SLAB_DROP);
	tp_slab_give(CLASS_64, objects + 25, 7, TP_SLAB_DRAIN);
	take_one(CLASS_64);
	counts = counts_of(CLASS_64);
	cr_assert_eq(counts.from_slab, 2);
	cr_assert_eq(counts.refilled, 35);
	cr_assert_eq(counts.flushed, 20);
	cr_assert_eq(counts.spilled, 1);
	cr_assert_eq(counts.drained, 7);
	cr_assert_eq(counts.backend_calls, 1);
}

Test(slab, each_class_counts_for_itself, .init = slabs_start)
{
	static const struct tp_slab_counts none;

	take_one(CLASS_64);
	struct tp_slab_counts other = counts_of(CLASS_48);
	cr_assert_arr_eq(&other, &none, sizeof none);
}

Test(slab, giving_nothing_changes_nothing, .init = slabs_start)
{
	take_one(CLASS_64);
	struct tp_slab_counts before = counts_of(CLASS_64);
	tp_slab_give(CLASS_64, NULL, 0, TP_SLAB_FLUSH);
	struct tp_slab_counts after = counts_of(CLASS_64);
	cr_assert_arr_eq(&after, &before, sizeof before);
}

Test(slab, empty_slabs_go_back_but_one_is_kept, .init = slabs_start)
{
	const struct tp_class *c = class_at(CLASS_64);
	static void *objects[3 * 1024];

	take_slabs(CLASS_64, objects, 3);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 3 * c->slab_bytes);
	for (size_t i = 0; i < 1024; i++)
		give_one(CLASS_64, objects[i]);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 3 * c->slab_bytes);
	cr_assert_eq(tp_hot_class_map[tp_region_granule(objects[0])], CLASS_64);
	tp_slab_give(CLASS_64, objects + 1024, 2048, TP_SLAB_FLUSH);

	struct tp_slab_counts counts = counts_of(CLASS_64);
	cr_assert_eq(counts.live_bytes, c->slab_bytes);
	cr_assert_eq(counts.backend_calls, 5);
	cr_assert_eq(counts.backend_bytes, 3 * c->slab_bytes);
	cr_assert_eq(counts.spilled, 1024);
	cr_assert_eq(counts.flushed, 2048);
	cr_assert_eq(tp_hot_class_map[tp_region_granule(objects[0])], CLASS_64);
	cr_assert_eq(tp_hot_class_map[tp_region_granule(objects[1024])], 0);
	cr_assert_eq(tp_hot_class_map[tp_region_granule(objects[2048])], 0);
}

Test(slab, the_kept_empty_slab_serves_the_next_take, .init = slabs_start)
{
	static void *objects[1024];

	take_slabs(CLASS_64, objects, 1);
	for (int round = 0; round < 10; round++) {
		tp_slab_give(CLASS_64, objects, 1024, TP_SLAB_FLUSH);
		cr_assert_eq(tp_slab_take(CLASS_64, TP_PAGEMAP_NO_OWNER, objects, 1024, TP_SLAB_GET), 1024);
	}
	cr_assert_eq(counts_of(CLASS_64).backend_calls, 1);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 65536);
}

Test(slab, a_slab_taken_from_is_not_the_kept_empty_one_any_more, .init = slabs_start)
{
	static void *objects[2 * 1024];

	take_slabs(CLASS_64, objects, 2);
	tp_slab_give(CLASS_64, objects, 1024, TP_SLAB_FLUSH);
	void *again = take_one(CLASS_64);
	cr_assert_eq(again, objects[0]);
	tp_slab_give(CLASS_64, objects + 1024, 1024, TP_SLAB_FLUSH);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 2 * 65536);
	give_one(CLASS_64, again);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 65536);
}

Test(slab, one_give_may_empty_many_slabs, .init = slabs_start)
{
	static void *objects[40 * 4];

	take_slabs(CLASS_MAX, objects, 40);
	tp_slab_give(CLASS_MAX, objects, 160, TP_SLAB_FLUSH);
	struct tp_slab_counts counts = counts_of(CLASS_MAX);
	cr_assert_eq(counts.live_bytes, 262144);
	cr_assert_eq(counts.backend_calls, 40 + 39);
	cr_assert_eq(counts.flushed, 160);
}

Test(slab, the_kept_empty_slab_goes_back_when_nothing_was_taken_since_the_last_release, .init = slabs_start)
{
	static void *objects[1024];

	take_slabs(CLASS_64, objects, 1);
	tp_slab_give(CLASS_64, objects, 1024, TP_SLAB_DRAIN);
	tp_slab_release_unused(CLASS_64); /* something was taken since the start */
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 65536);
	give_one(CLASS_64, take_one(CLASS_64));
	tp_slab_release_unused(CLASS_64);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 65536);
	tp_slab_release_unused(CLASS_64);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 0);
	cr_assert_eq(counts_of(CLASS_64).backend_calls, 2);
	cr_assert_eq(tp_hot_class_map[tp_region_granule(objects[0])], 0);
	tp_slab_release_unused(CLASS_64);
	cr_assert_eq(counts_of(CLASS_64).backend_calls, 2);
	cr_assert_eq(tp_slab_take(CLASS_64, TP_PAGEMAP_NO_OWNER, objects, 10, TP_SLAB_GET), 10);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 65536);
}

Test(slab, a_slab_in_use_is_never_released, .init = slabs_start)
{
	static void *objects[2048];

	take_slabs(CLASS_64, objects, 2);
	tp_slab_give(CLASS_64, objects, 2047, TP_SLAB_DRAIN);
	for (int i = 0; i < 3; i++)
		tp_slab_release_unused(CLASS_64);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 65536);
	cr_assert_eq(tp_hot_class_map[tp_region_granule(objects[2047])], CLASS_64);
	for (size_t i = 1024; i < 2047; i++)
		cr_assert_eq(take_one(CLASS_64), objects[i]);
}

Test(slab, release_leaves_other_classes_alone, .init = slabs_start)
{
	give_one(CLASS_64, take_one(CLASS_64));
	give_one(CLASS_48, take_one(CLASS_48));
	tp_slab_release_unused(CLASS_64);
	tp_slab_release_unused(CLASS_64);
	cr_assert_eq(counts_of(CLASS_64).live_bytes, 0);
	cr_assert_eq(counts_of(CLASS_48).live_bytes, 65536);
}

Test(slab, a_used_up_region_gives_nothing_until_something_comes_back, .init = start_small)
{
	static void *objects[1024];
	size_t count = 0;

	while (count < 1024 && tp_slab_take(CLASS_MAX, TP_PAGEMAP_NO_OWNER, &objects[count], 1, TP_SLAB_GET) == 1)
		count++;
	cr_assert_gt(count, 4);
	cr_assert_lt(count, 1024);
	struct tp_slab_counts counts = counts_of(CLASS_MAX);
	cr_assert_eq(counts.from_slab, count);
	cr_assert_eq(counts.live_bytes, count * 65536);
	give_one(CLASS_MAX, objects[2]);
	cr_assert_eq(take_one(CLASS_MAX), objects[2]);
	void *none;
	cr_assert_eq(tp_slab_take(CLASS_MAX, TP_PAGEMAP_NO_OWNER, &none, 1, TP_SLAB_GET), 0);
}

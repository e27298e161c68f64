/* Owners: who takes from whose slabs, and when a slab is handed over. */
#include <sys/mman.h>

#include "tests/unit/support/slabs.h"

#define OBJECTS_16 4096U /* of a slab */

static size_t take(unsigned class_index, unsigned owner, void **objects, size_t count)
{
	return tp_slab_take(class_index, owner, objects, count, TP_SLAB_GET);
}

static void fill_slab(unsigned owner, void **objects)
{
	cr_assert_eq(take(CLASS_16, owner, objects, OBJECTS_16), OBJECTS_16);
}

Test(owner, each_home_takes_from_slabs_of_its_own, .init = slabs_start)
{
	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		void *objects[TP_PAGEMAP_OWNERS + 1];

		if (!tp_classes.row[class_index].owned)
			continue;
		for (unsigned owner = 0; owner <= TP_PAGEMAP_NO_OWNER; owner++) {
			cr_assert_eq(take(class_index, owner, &objects[owner], 1), 1);
			cr_assert_eq(tp_pagemap_owner(objects[owner]), owner);
			cr_assert_eq(tp_pagemap_class(objects[owner]), class_index);
			for (unsigned other = 0; other < owner; other++)
				cr_assert_neq(
				    slab_of(class_index, objects[owner]), slab_of(class_index, objects[other]));
		}
		for (unsigned owner = 0; owner <= TP_PAGEMAP_NO_OWNER; owner++) {
			void *next;

			cr_assert_eq(take(class_index, owner, &next, 1), 1);
			cr_assert_eq(slab_of(class_index, next), slab_of(class_index, objects[owner]));
		}
	}
}

Test(owner, objects_of_whole_lines_have_none, .init = slabs_start)
{
	void *first, *second;

	for (unsigned class_index = 1; class_index < tp_classes.count; class_index++) {
		if (tp_classes.row[class_index].owned)
			continue;
		cr_assert_eq(take(class_index, 1, &first, 1), 1);
		cr_assert_eq(take(class_index, 2, &second, 1), 1);
		cr_assert_eq(slab_of(class_index, first), slab_of(class_index, second));
		cr_assert_eq(tp_pagemap_owner(first), TP_PAGEMAP_NO_OWNER);
	}
}

Test(owner, an_empty_slab_is_handed_over, .init = slabs_start)
{
	static void *objects[OBJECTS_16];
	void *other;

	fill_slab(1, objects);
	tp_slab_give(CLASS_16, objects, OBJECTS_16, TP_SLAB_FLUSH);
	cr_assert_eq(take(CLASS_16, 2, &other, 1), 1);
	cr_assert_eq(slab_of(CLASS_16, other), slab_of(CLASS_16, objects[0]));
	cr_assert_eq(tp_pagemap_owner(other), 2);
	cr_assert_eq(counts_of(CLASS_16).backend_calls, 1);
}

Test(owner, a_half_empty_slab_is_handed_over_with_what_lives_in_it, .init = slabs_start)
{
	static void *first[OBJECTS_16], *second[OBJECTS_16];
	void *other;

	fill_slab(1, first);
	fill_slab(1, second);
	tp_slab_give(CLASS_16, first, OBJECTS_16 / 2 + 1, TP_SLAB_FLUSH);
	tp_slab_give(CLASS_16, second, OBJECTS_16 / 2 + 1, TP_SLAB_FLUSH);
	cr_assert_eq(take(CLASS_16, 2, &other, 1), 1);
	/* The one that owner 1 would take from stays its own. */
	cr_assert_eq(slab_of(CLASS_16, other), slab_of(CLASS_16, first[0]));
	cr_assert_eq(tp_pagemap_owner(first[OBJECTS_16 - 1]), 2);
	cr_assert_eq(take(CLASS_16, 1, &other, 1), 1);
	cr_assert_eq(slab_of(CLASS_16, other), slab_of(CLASS_16, second[0]));
}

Test(owner, a_slab_in_use_is_not_handed_over, .init = slabs_start)
{
	static void *first[OBJECTS_16], *second[OBJECTS_16];
	void *other;

	/* One of the fullest, and then nearly empty but the only one. */
	fill_slab(1, first);
	fill_slab(1, second);
	tp_slab_give(CLASS_16, first, OBJECTS_16 / 4, TP_SLAB_FLUSH);
	cr_assert_eq(take(CLASS_16, 2, &other, 1), 1);
	cr_assert_neq(slab_of(CLASS_16, other), slab_of(CLASS_16, first[0]));
	tp_slab_give(CLASS_16, first + OBJECTS_16 / 4, OBJECTS_16 / 2, TP_SLAB_FLUSH);
	cr_assert_eq(take(CLASS_16, 3, &other, 1), 1);
	cr_assert_neq(slab_of(CLASS_16, other), slab_of(CLASS_16, first[0]));
	cr_assert_eq(tp_pagemap_owner(first[0]), 1);
}

Test(owner, slabs_without_a_home_are_taken_over_the_fullest_first, .init = slabs_start)
{
	static void *first[OBJECTS_16], *second[OBJECTS_16];
	void *other;

	fill_slab(TP_PAGEMAP_NO_OWNER, first);
	fill_slab(TP_PAGEMAP_NO_OWNER, second);
	tp_slab_give(CLASS_16, first, OBJECTS_16 / 2, TP_SLAB_FLUSH);
	give_one(CLASS_16, second[7]);
	cr_assert_eq(take(CLASS_16, 0, &other, 1), 1);
	cr_assert_eq(other, second[7]);
	cr_assert_eq(take(CLASS_16, 0, &other, 1), 1);
	cr_assert_eq(slab_of(CLASS_16, other), slab_of(CLASS_16, first[0]));
	cr_assert_eq(counts_of(CLASS_16).backend_calls, 2);
}

Test(owner, of_a_large_class_full_slabs_are_handed_over_too, .init = slabs_start)
{
	enum { SLABS = 64 }; /* 4 MiB */
	static void *objects[SLABS][OBJECTS_16];
	void *other;

	for (unsigned i = 0; i < SLABS; i++)
		fill_slab(1, objects[i]);
	give_one(CLASS_16, objects[3][9]);
	give_one(CLASS_16, objects[5][2]);
	cr_assert_eq(take(CLASS_16, 2, &other, 1), 1);
	cr_assert_eq(other, objects[3][9]);
	/* The last one that has room stays with its owner. */
	cr_assert_eq(take(CLASS_16, 2, &other, 1), 1);
	cr_assert_neq(other, objects[5][2]);
	cr_assert_eq(take(CLASS_16, 1, &other, 1), 1);
	cr_assert_eq(other, objects[5][2]);
}

static size_t resident_pages(const void *slab)
{
	unsigned char pages[16];
	size_t count = 0;

	cr_assert_eq(mincore((void *)(uintptr_t)slab, 65536, pages), 0);
	for (size_t i = 0; i < sizeof pages; i++)
		count += pages[i] & 1;
	return count;
}

Test(owner, the_first_slab_of_each_home_is_not_filled_with_pages, .init = slabs_start)
{
	void *object;

	for (unsigned owner = 0; owner < TP_PAGEMAP_OWNERS; owner++) {
		cr_assert_eq(take(CLASS_16, owner, &object, 1), 1);
		cr_assert_eq(resident_pages((void *)slab_of(CLASS_16, object)), 0, "owner %u", owner);
	}
}

Test(owner, empty_slabs_of_every_home_are_released, .init = slabs_start)
{
	void *objects[3];

	for (unsigned owner = 0; owner < 3; owner++)
		cr_assert_eq(take(CLASS_16, owner, &objects[owner], 1), 1);
	for (unsigned owner = 0; owner < 3; owner++)
		give_one(CLASS_16, objects[owner]);
	tp_slab_release_unused(CLASS_16);
	tp_slab_release_unused(CLASS_16);
	cr_assert_eq(counts_of(CLASS_16).live_bytes, 0);
}

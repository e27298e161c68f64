/* Pages of large objects that nobody wanted: when they go, and that nothing else does. */
#include "shim/heap/purge.h"

#include <string.h>
#include <sys/mman.h>

#include "shim/heap/chunk.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "tests/unit/support/slabs.h"

#define BYTES 32768U
#define PAGE 4096U
#define PAGES (BYTES / PAGE)

/* What a turn does. Returns whether there is more to go. */
static bool tick(unsigned class_index)
{
	bool left = false;

	tp_slab_release_unused(class_index);
	for (uint32_t chunk = 0; chunk < tp_chunk_count(); chunk++)
		left |= tp_purge_chunk(chunk);
	return left;
}

static unsigned class_of(size_t bytes)
{
	return tp_class_aligned(&tp_classes, bytes, 16);
}

static void *take_written(unsigned class_index)
{
	void *object = take_one(class_index);

	memset(object, 0xa5, class_at(class_index)->object_bytes);
	return object;
}

/* How many of the object's whole pages are there. */
static unsigned resident(unsigned class_index, const void *object)
{
	uintptr_t start = ((uintptr_t)object + PAGE - 1) / PAGE * PAGE;
	uintptr_t end = ((uintptr_t)object + class_at(class_index)->object_bytes) / PAGE * PAGE;
	unsigned char pages[512];
	unsigned count = 0;

	cr_assert_eq(mincore((void *)start, end - start, pages), 0);
	for (size_t i = 0; i < (end - start) / PAGE; i++)
		count += pages[i] & 1;
	return count;
}

static void expect_written(unsigned class_index, const unsigned char *object)
{
	for (size_t i = 0; i < class_at(class_index)->object_bytes; i++)
		cr_assert_eq(object[i], 0xa5, "byte %zu", i);
}

Test(idle, pages_go_after_a_whole_tick_and_those_of_neighbours_stay, .init = slabs_start)
{
	unsigned class_index = class_of(BYTES);
	void *objects[20];

	for (size_t i = 0; i < 20; i++)
		objects[i] = take_written(class_index);
	for (size_t i = 0; i < 20; i += 2)
		give_one(class_index, objects[i]);
	cr_assert(tick(class_index), "who dozes now keeps them for good");
	for (size_t i = 0; i < 20; i++)
		cr_assert_eq(resident(class_index, objects[i]), PAGES, "object %zu", i);
	cr_assert_eq(tp_purge_returned_bytes(), 0);
	cr_assert_not(tick(class_index));
	for (size_t i = 0; i < 20; i++)
		cr_assert_eq(resident(class_index, objects[i]), i % 2 ? PAGES : 0, "object %zu", i);
	cr_assert_eq(tp_purge_returned_bytes(), 10 * BYTES);
	tick(class_index); /* nothing goes twice */
	cr_assert_eq(tp_purge_returned_bytes(), 10 * BYTES);
	for (size_t i = 1; i < 20; i += 2)
		expect_written(class_index, objects[i]);
}

Test(idle, what_comes_and_goes_keeps_its_pages, .init = slabs_start)
{
	unsigned class_index = class_of(BYTES);
	void *kept = take_written(class_index), *object = take_written(class_index);

	for (int turn = 0; turn < 5; turn++) {
		give_one(class_index, object);
		tick(class_index);
		cr_assert_eq(resident(class_index, object), PAGES, "turn %d", turn);
		cr_assert_eq(take_one(class_index), object);
	}
	expect_written(class_index, object);
	expect_written(class_index, kept);
	cr_assert_eq(tp_purge_returned_bytes(), 0);
}

Test(idle, what_was_purged_is_handed_out_and_may_idle_again, .init = slabs_start)
{
	unsigned class_index = class_of(BYTES);
	void *kept = take_written(class_index), *object = take_written(class_index);

	for (unsigned round = 1; round <= 3; round++) {
		give_one(class_index, object);
		tick(class_index);
		tick(class_index);
		cr_assert_eq(resident(class_index, object), 0);
		cr_assert_eq(tp_purge_returned_bytes(), round * BYTES);
		cr_assert_eq(take_one(class_index), object);
		cr_assert_eq(*(unsigned char *)object, 0);
		memset(object, 0xa5, BYTES);
	}
	expect_written(class_index, kept);
}

Test(idle, of_an_object_that_shares_pages_only_its_own_go, .init = slabs_start)
{
	unsigned class_index = class_of(18432); /* four pages and a half */
	void *objects[3];

	for (size_t i = 0; i < 3; i++)
		objects[i] = take_written(class_index);
	give_one(class_index, objects[1]);
	tick(class_index);
	tick(class_index);
	cr_assert_eq(resident(class_index, objects[1]), 0);
	cr_assert_eq(tp_purge_returned_bytes(), 4 * PAGE);
	expect_written(class_index, objects[0]);
	expect_written(class_index, objects[2]);
}

Test(idle, small_objects_keep_their_pages, .init = slabs_start)
{
	unsigned class_index = class_of(8192);
	void *kept = take_written(class_index), *object = take_written(class_index);

	give_one(class_index, object);
	for (int turn = 0; turn < 3; turn++)
		tick(class_index);
	cr_assert_eq(resident(class_index, object), 2);
	expect_written(class_index, kept);
}

/* More slabs than are looked at at once; some of them become empty, or were. */
Test(idle, books_are_right_after_many_slabs, .init = slabs_start)
{
	unsigned class_index = class_of(65536);
	static void *objects[4 * 200];

	for (size_t i = 0; i < 4 * 200; i++)
		objects[i] = take_written(class_index);
	for (size_t i = 0; i < 4 * 200; i++)
		if (i % 4 != 0)
			give_one(class_index, objects[i]);
	tick(class_index);
	tick(class_index);
	cr_assert_eq(tp_purge_returned_bytes(), (uint64_t)3 * 200 * 65536);
	cr_assert_eq(counts_of(class_index).live_bytes, (uint64_t)200 * 262144);
	for (size_t i = 0; i < 4 * 200; i += 4) {
		expect_written(class_index, objects[i]);
		give_one(class_index, objects[i]);
	}
	cr_assert_eq(counts_of(class_index).live_bytes, 262144, "one empty slab is kept");
	for (int turn = 0; turn < 3; turn++)
		tick(class_index);
	cr_assert_eq(counts_of(class_index).live_bytes, 0);
	for (size_t i = 0; i < 4 * 200; i++)
		objects[i] = take_one(class_index);
	cr_assert_eq(counts_of(class_index).live_bytes, (uint64_t)200 * 262144);
}

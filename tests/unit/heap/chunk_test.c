/* Chunks: places for slabs, what is clean, what the backend gets when the region is used up. */
#include "shim/heap/chunk.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>

#include "shim/heap/region.h"

#define GRANULE_BYTES TP_REGION_GRANULE_BYTES
#define CHUNK_BYTES ((size_t)2 << 20)
#define REGION_BYTES (4 * CHUNK_BYTES)

static void reserve(void)
{
	cr_assert_eq(tp_region_reserve(REGION_BYTES, 64), REGION_BYTES);
}

TestSuite(chunk, .init = reserve);

struct place {
	char *slab;
	uint32_t chunk;
	bool fresh;
};

static struct place take(size_t bytes)
{
	struct place place = { 0 };

	place.slab = tp_chunk_take(
	    bytes, bytes < 4 * GRANULE_BYTES ? bytes : 4 * GRANULE_BYTES, false, &place.chunk, &place.fresh);
	return place;
}

/* Take all there is in slabs of one granule, each written to. Returns how many. */
static size_t take_all(struct place *places)
{
	size_t count = 0;

	while ((places[count] = take(GRANULE_BYTES)).slab)
		memset(places[count++].slab, 1, GRANULE_BYTES);
	return count;
}

static bool is_zero(const char *start, size_t bytes)
{
	return start[0] == 0 && memcmp(start, start + 1, bytes - 1) == 0;
}

Test(chunk, slabs_lie_side_by_side_and_are_aligned_to_their_size)
{
	struct place small = take(GRANULE_BYTES), large = take(4 * GRANULE_BYTES), next = take(GRANULE_BYTES);

	cr_assert_eq((uintptr_t)large.slab % (4 * GRANULE_BYTES), 0);
	cr_assert_eq(next.slab, small.slab + GRANULE_BYTES);
	cr_assert_eq(small.chunk, large.chunk);
}

Test(chunk, the_lowest_free_place_is_taken_first)
{
	struct place first = take(GRANULE_BYTES), second = take(GRANULE_BYTES);

	tp_chunk_give(second.slab, GRANULE_BYTES, second.chunk);
	tp_chunk_give(first.slab, GRANULE_BYTES, first.chunk);
	cr_assert_eq(take(GRANULE_BYTES).slab, first.slab);
}

Test(chunk, more_than_a_chunk_or_256_kib_of_alignment_is_not_served)
{
	struct place place;

	cr_assert_null(tp_chunk_take(CHUNK_BYTES + 1, GRANULE_BYTES, false, &place.chunk, &place.fresh));
	cr_assert_null(tp_chunk_take(8 * GRANULE_BYTES, 8 * GRANULE_BYTES, false, &place.chunk, &place.fresh));
	cr_assert_not_null(take(CHUNK_BYTES).slab);
}

Test(chunk, any_number_of_granules_is_served_from_the_first_place_where_so_many_are_free)
{
	struct place places[32];

	for (unsigned i = 0; i < 32; i++)
		places[i] = take(GRANULE_BYTES);
	/* Free: 1, 4 to 6, 10 to 31. */
	for (unsigned i = 1; i < 32; i++)
		if (i == 1 || (i >= 4 && i <= 6) || i >= 10)
			tp_chunk_give(places[i].slab, GRANULE_BYTES, places[i].chunk);
	for (unsigned granules = 1; granules <= 22; granules++) {
		unsigned expected = granules == 1 ? 1 : granules <= 3 ? 4 : 10;
		char *memory =
		    tp_chunk_take(granules * GRANULE_BYTES, GRANULE_BYTES, false, &places[1].chunk, &places[1].fresh);

		cr_assert_eq(memory, places[0].slab + expected * GRANULE_BYTES, "%u granules", granules);
		tp_chunk_give(memory, granules * GRANULE_BYTES, places[0].chunk);
	}
	cr_assert_eq(take(23 * GRANULE_BYTES).chunk, places[0].chunk + 1, "nowhere in the first chunk");
}

Test(chunk, granules_at_an_address_are_taken_if_all_of_them_are_free_and_in_the_chunk)
{
	struct place first = take(GRANULE_BYTES), second = take(GRANULE_BYTES);
	char *end = first.slab + CHUNK_BYTES;

	cr_assert(!tp_chunk_take_at(second.slab, GRANULE_BYTES, first.chunk));
	cr_assert(tp_chunk_take_at(second.slab + GRANULE_BYTES, 3 * GRANULE_BYTES, first.chunk));
	cr_assert(!tp_chunk_take_at(second.slab + 3 * GRANULE_BYTES, 2 * GRANULE_BYTES, first.chunk));
	cr_assert(!tp_chunk_take_at(end - GRANULE_BYTES, 2 * GRANULE_BYTES, first.chunk));
	cr_assert(!tp_chunk_take_at(end, GRANULE_BYTES, first.chunk));
	cr_assert(tp_chunk_take_at(end - GRANULE_BYTES, GRANULE_BYTES, first.chunk));
	cr_assert_eq(take(GRANULE_BYTES).slab, first.slab + 5 * GRANULE_BYTES);
}

Test(chunk, used_slabs_are_cleared_where_zeroes_are_asked_for)
{
	struct place used = take(GRANULE_BYTES);

	memset(used.slab, 1, GRANULE_BYTES);
	tp_chunk_give(used.slab, GRANULE_BYTES, used.chunk);
	char *clear = tp_chunk_take(GRANULE_BYTES, GRANULE_BYTES, true, &used.chunk, &used.fresh);
	cr_assert_eq(clear, used.slab);
	cr_assert(is_zero(clear, GRANULE_BYTES));
}

Test(chunk, only_slabs_that_were_never_used_or_are_trimmed_are_fresh)
{
	struct place first = take(GRANULE_BYTES);

	cr_assert(first.fresh);
	tp_chunk_give(first.slab, GRANULE_BYTES, first.chunk);
	cr_assert(!take(GRANULE_BYTES).fresh);
	tp_chunk_give(first.slab, GRANULE_BYTES, first.chunk);
	tp_chunk_trim();
	cr_assert(take(GRANULE_BYTES).fresh);
}

Test(chunk, trimming_gives_back_the_pages_of_free_slabs_alone)
{
	struct place kept = take(GRANULE_BYTES), given = take(GRANULE_BYTES);

	memset(kept.slab, 1, GRANULE_BYTES);
	memset(given.slab, 1, GRANULE_BYTES);
	tp_chunk_give(given.slab, GRANULE_BYTES, given.chunk);
	tp_chunk_trim();
	cr_assert_eq(tp_chunk_returned_bytes(), GRANULE_BYTES);
	cr_assert_eq(kept.slab[GRANULE_BYTES - 1], 1);
	cr_assert(is_zero(given.slab, GRANULE_BYTES));
	tp_chunk_trim();
	cr_assert_eq(tp_chunk_returned_bytes(), GRANULE_BYTES, "clean pages were given back again");
}

Test(chunk, pages_that_the_kernel_keeps_are_no_zeroes)
{
	struct place used = take(GRANULE_BYTES);

	memset(used.slab, 1, GRANULE_BYTES);
	cr_assert_eq(mlock(used.slab, GRANULE_BYTES), 0);
	tp_chunk_give(used.slab, GRANULE_BYTES, used.chunk);
	tp_chunk_trim();
	cr_assert_eq(tp_chunk_returned_bytes(), 0);
	char *clear = tp_chunk_take(GRANULE_BYTES, GRANULE_BYTES, true, &used.chunk, &used.fresh);
	cr_assert_eq(clear, used.slab);
	cr_assert(is_zero(clear, GRANULE_BYTES));
	memset(clear, 1, GRANULE_BYTES);
	tp_chunk_give(clear, GRANULE_BYTES, used.chunk);
	tp_chunk_trim();
	char *chunk = tp_chunk_take_free(CHUNK_BYTES, GRANULE_BYTES);
	cr_assert_eq(chunk, used.slab);
	cr_assert(is_zero(chunk, CHUNK_BYTES));
}

Test(chunk, more_than_all_chunks_are_refused)
{
	struct place place = take(GRANULE_BYTES);

	tp_chunk_give(place.slab, GRANULE_BYTES, place.chunk);
	cr_assert_null(tp_chunk_take_free((size_t)7 << 51, GRANULE_BYTES));
	cr_assert_null(tp_chunk_take_free(SIZE_MAX, GRANULE_BYTES));
}

Test(chunk, the_backend_gets_free_chunks_as_zeroes_and_for_good)
{
	static struct place places[REGION_BYTES / GRANULE_BYTES + 1];
	size_t count = take_all(places);

	cr_assert_eq(count, REGION_BYTES / GRANULE_BYTES);
	cr_assert_null(tp_chunk_take_free(CHUNK_BYTES, GRANULE_BYTES), "nothing is free");
	/* The two chunks in the middle, and all but one slab of the last. */
	for (size_t i = count / 4; i < count - 1; i++)
		tp_chunk_give(places[i].slab, GRANULE_BYTES, places[i].chunk);
	cr_assert_null(tp_chunk_take_free(3 * CHUNK_BYTES, GRANULE_BYTES), "only two lie side by side");
	char *run = tp_chunk_take_free(2 * CHUNK_BYTES - GRANULE_BYTES, GRANULE_BYTES);
	cr_assert_eq(run, places[count / 4].slab);
	cr_assert(is_zero(run, 2 * CHUNK_BYTES));
	cr_assert_null(tp_chunk_take_free(CHUNK_BYTES, GRANULE_BYTES), "they are gone");
	size_t rest = 0;
	while (take(GRANULE_BYTES).slab)
		rest++;
	cr_assert_eq(rest, CHUNK_BYTES / GRANULE_BYTES - 1);
}

Test(chunk, a_run_of_free_chunks_is_aligned_as_asked)
{
	static struct place places[REGION_BYTES / GRANULE_BYTES + 1];
	size_t count = take_all(places);

	for (size_t i = 0; i < count; i++)
		tp_chunk_give(places[i].slab, GRANULE_BYTES, places[i].chunk);
	char *run = tp_chunk_take_free(CHUNK_BYTES, 2 * CHUNK_BYTES);
	cr_assert_not_null(run);
	cr_assert_eq((uintptr_t)run % (2 * CHUNK_BYTES), 0);
}

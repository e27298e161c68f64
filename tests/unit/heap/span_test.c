/* Runs: what can be one, what may be used of it, growing and shrinking in place, what is left when it goes. */
#include "shim/heap/span.h"

#include <criterion/criterion.h>
#include <string.h>

#include "shim/heap/chunk.h"
#include "shim/heap/pagemap.h"

#define KIB ((size_t)1024)
#define PAGE ((size_t)4096)
#define GRANULE_BYTES TP_REGION_GRANULE_BYTES
#define REGION_BYTES (2 * TP_CHUNK_BYTES)

static void reserve(void)
{
	cr_assert_eq(tp_region_reserve(REGION_BYTES, 64), REGION_BYTES);
}

TestSuite(run, .init = reserve);

static char *take(size_t bytes)
{
	char *run = tp_span_take(bytes, false);

	cr_assert_not_null(run);
	cr_assert(tp_span_is(run));
	return run;
}

static bool is_all(const char *start, char value, size_t bytes)
{
	return start[0] == value && memcmp(start, start + 1, bytes - 1) == 0;
}

Test(run, fits_blocks_of_more_than_a_granule_up_to_a_limit)
{
	cr_assert(!tp_span_fits(0, 16));
	cr_assert(!tp_span_fits(GRANULE_BYTES, 16));
	cr_assert(tp_span_fits(GRANULE_BYTES + 1, GRANULE_BYTES));
	cr_assert(!tp_span_fits(GRANULE_BYTES + 1, 2 * GRANULE_BYTES));
	cr_assert(tp_span_fits(TP_SPAN_BYTES_MAX, 1));
	cr_assert(!tp_span_fits(TP_SPAN_BYTES_MAX + 1, 1));
	cr_assert(!tp_span_fits(SIZE_MAX, 1));
}

Test(run, every_size_is_served_in_whole_pages_and_apart_from_the_others)
{
	static char *runs[16];

	for (size_t round = 0; round < 200; round++) {
		size_t count = 0, left = REGION_BYTES, bytes = GRANULE_BYTES + 1 + round * 4801;

		for (; count < 16 && left >= bytes + GRANULE_BYTES && bytes <= TP_SPAN_BYTES_MAX; count++) {
			runs[count] = tp_span_take(bytes, false);
			if (!runs[count])
				break;
			cr_assert_eq((uintptr_t)runs[count] % GRANULE_BYTES, 0);
			cr_assert_eq(tp_span_bytes(runs[count]), (bytes + PAGE - 1) / PAGE * PAGE);
			memset(runs[count], (int)count, tp_span_bytes(runs[count]));
		}
		cr_assert_geq(count, 1);
		for (size_t i = 0; i < count; i++)
			cr_assert(is_all(runs[i], (char)i, tp_span_bytes(runs[i])),
			    "run %zu of %zu bytes was written to", i, bytes);
		while (count > 0)
			tp_span_give(runs[--count]);
	}
}

Test(run, what_is_given_back_is_no_run_and_serves_again)
{
	char *run = take(100 * KIB);

	cr_assert(!tp_span_is(run + 16));
	cr_assert(!tp_span_is(run + GRANULE_BYTES), "only its first granule is one");
	tp_span_give(run);
	cr_assert(!tp_span_is(run));
	cr_assert_eq(take(100 * KIB), run);
}

Test(run, no_slab_is_taken_for_a_run)
{
	uint32_t chunk;
	bool fresh;
	char *slab = tp_chunk_take(GRANULE_BYTES, GRANULE_BYTES, false, &chunk, &fresh);

	*tp_pagemap_word(tp_region_granule(slab)) = UINT32_MAX >> 1; /* the highest that there could be */
	cr_assert(!tp_span_is(slab));
}

Test(run, zeroes_are_zeroes_where_others_wrote)
{
	char *run = take(300 * KIB);

	memset(run, 1, tp_span_bytes(run));
	tp_span_give(run);
	char *clear = tp_span_take(290 * KIB, true);
	cr_assert_eq(clear, run);
	cr_assert(is_all(clear, 0, 290 * KIB));
}

Test(run, grows_in_place_as_far_as_what_follows_is_free)
{
	char *run = take(70 * KIB), *next = take(70 * KIB);

	memset(run, 1, 70 * KIB);
	cr_assert(tp_span_resize(run, 128 * KIB), "it has the granules");
	cr_assert_eq(tp_span_bytes(run), 128 * KIB);
	cr_assert(!tp_span_resize(run, 128 * KIB + 1), "another run follows");
	cr_assert_eq(tp_span_bytes(run), 128 * KIB);
	tp_span_give(next);
	cr_assert(tp_span_resize(run, TP_SPAN_BYTES_MAX));
	cr_assert(is_all(run, 1, 70 * KIB));
	memset(run, 2, TP_SPAN_BYTES_MAX);
	char *behind = take(70 * KIB);
	cr_assert_eq(behind, run + TP_SPAN_BYTES_MAX);
	cr_assert(is_all(run, 2, TP_SPAN_BYTES_MAX));
}

Test(run, never_grows_out_of_its_chunk)
{
	char *first = take(TP_SPAN_BYTES_MAX), *second = take(512 * KIB), *last = take(300 * KIB),
	     *other = take(512 * KIB);

	cr_assert_eq(last + 512 * KIB, first + TP_CHUNK_BYTES);
	cr_assert_eq(other, first + TP_CHUNK_BYTES, "the next chunk begins behind it");
	tp_span_give(other);
	cr_assert(tp_span_resize(last, 512 * KIB), "the rest of its chunk");
	cr_assert(!tp_span_resize(last, 512 * KIB + 1));
	tp_span_give(second);
	cr_assert(tp_span_resize(first, TP_SPAN_BYTES_MAX));
	cr_assert(!tp_span_resize(first, TP_SPAN_BYTES_MAX + 1), "more than a run may have");
}

Test(run, what_it_shrinks_by_serves_others)
{
	char *run = take(TP_SPAN_BYTES_MAX);

	memset(run, 1, TP_SPAN_BYTES_MAX);
	cr_assert(tp_span_resize(run, 100 * KIB));
	cr_assert_eq(tp_span_bytes(run), 100 * KIB);
	cr_assert(is_all(run, 1, 100 * KIB));
	cr_assert_eq(take(500 * KIB), run + 2 * GRANULE_BYTES);
	cr_assert(!tp_span_resize(run, GRANULE_BYTES), "too small for a run");
	cr_assert_eq(tp_span_bytes(run), 100 * KIB);
}

Test(run, pages_of_runs_that_were_given_back_go_and_others_stay)
{
	char *kept = take(100 * KIB), *given = take(200 * KIB);

	memset(kept, 1, 100 * KIB);
	memset(given, 1, 200 * KIB);
	tp_span_give(given);
	tp_chunk_trim();
	cr_assert_eq(tp_chunk_returned_bytes(), 4 * GRANULE_BYTES);
	cr_assert(is_all(kept, 1, 100 * KIB));
	cr_assert(is_all(given, 0, 200 * KIB));
}

Test(run, where_chunks_are_used_up_there_is_none)
{
	size_t count = 0;
	static char *runs[REGION_BYTES / GRANULE_BYTES];

	while ((runs[count] = tp_span_take(GRANULE_BYTES + 1, false)))
		count++;
	cr_assert_eq(count, REGION_BYTES / (2 * GRANULE_BYTES));
	for (size_t i = 0; i < count; i += 2)
		tp_span_give(runs[i]);
	cr_assert_null(tp_span_take(2 * GRANULE_BYTES + 1, false), "nowhere are three granules free");
	cr_assert_not_null(tp_span_take(2 * GRANULE_BYTES, false));
}

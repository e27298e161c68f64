/* The region: reservation, commit, class map, records, shrinking. */
#include "shim/heap/region.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "shim/heap/pagemap.h"
#include "shim/heap/slab_record.h"
#include "tests/unit/support/threads.h"

#define MIB ((size_t)1 << 20)
#define PAGE_BYTES 4096U
#define REGION_BYTES (64 * MIB)
#define RECORD_BYTES 40U /* no divisor of a page: records cross page edges */

static const struct tp_class rows[TP_CLASS_LIMIT]; /* no class has an owner, and none is fast */

static void reserve(void)
{
	cr_assert_eq(tp_region_reserve(REGION_BYTES, RECORD_BYTES), REGION_BYTES);
}

/* Whether the kernel may read the byte at @address. */
static bool is_readable(const void *address)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	bool readable = write(ends[1], address, 1) == 1;
	close(ends[0]);
	close(ends[1]);
	return readable;
}

static size_t address_space_bytes(void)
{
	size_t pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	cr_assert_eq(fscanf(file, "%zu", &pages), 1);
	fclose(file);
	return pages * PAGE_BYTES;
}

static bool is_filled(const unsigned char *start, size_t bytes, unsigned char value)
{
	for (size_t i = 0; i < bytes; i++)
		if (start[i] != value)
			return false;
	return true;
}

static bool is_inside(const void *start, size_t bytes)
{
	uintptr_t offset = (uintptr_t)start - tp_hot_region_base;

	return offset < tp_hot_region_bytes && bytes <= tp_hot_region_bytes - offset;
}

Test(region, begins_where_the_largest_slab_may)
{
	reserve();
	cr_assert_eq(tp_hot_region_base % (4 * MIB), 0);
}

Test(region, does_not_exist_before_it_is_reserved)
{
	cr_assert_eq(tp_hot_region_bytes, 0);
	cr_assert_eq(tp_region_committed_bytes(), 0);
	cr_assert_null(tp_region_commit(PAGE_BYTES, PAGE_BYTES));
}

Test(region, reserves_what_was_asked_for_and_commits_none_of_it, .init = reserve)
{
	cr_assert_eq(tp_hot_region_bytes, REGION_BYTES);
	cr_assert_eq(tp_hot_region_base % (2 * MIB), 0);
	cr_assert_eq(tp_region_committed_bytes(), 0);
	cr_assert_not(is_readable((void *)tp_hot_region_base));
	cr_assert_not(is_readable((void *)(tp_hot_region_base + REGION_BYTES - 1)));
}

Test(region, rounds_down_to_2_mib)
{
	cr_assert_eq(tp_region_reserve(REGION_BYTES + 2 * MIB - 1, RECORD_BYTES), REGION_BYTES);
	cr_assert_eq(tp_hot_region_bytes, REGION_BYTES);
}

Test(region, below_the_smallest_useful_size_is_none)
{
	cr_assert_eq(tp_region_reserve(4 * MIB - 1, RECORD_BYTES), 0);
	cr_assert_eq(tp_hot_region_bytes, 0);
}

Test(region, takes_a_quarter_of_a_limited_address_space)
{
	struct rlimit limit = { .rlim_cur = 2048 * MIB, .rlim_max = RLIM_INFINITY };

	cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
	cr_assert_eq(tp_region_reserve((size_t)1 << 40, RECORD_BYTES), 512 * MIB);
	cr_assert_eq(tp_hot_region_bytes, 512 * MIB);
}

Test(region, takes_less_where_even_a_quarter_is_not_free)
{
	struct rlimit limit = { .rlim_cur = 2048 * MIB, .rlim_max = RLIM_INFINITY };
	void *used = mmap(NULL, 1600 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	cr_assert_neq(used, MAP_FAILED);
	cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
	cr_assert_eq(tp_region_reserve((size_t)1 << 40, RECORD_BYTES), 256 * MIB);
	cr_assert_not_null(tp_region_commit(PAGE_BYTES, PAGE_BYTES));
}

Test(region, commits_zero_filled_memory_that_can_be_written, .init = reserve)
{
	unsigned char *memory = tp_region_commit(3 * PAGE_BYTES, PAGE_BYTES);

	cr_assert_not_null(memory);
	cr_assert(is_inside(memory, 3 * PAGE_BYTES));
	cr_assert(is_filled(memory, 3 * PAGE_BYTES, 0));
	memset(memory, 0xaa, 3 * PAGE_BYTES);
	cr_assert(is_filled(memory, 3 * PAGE_BYTES, 0xaa));
	cr_assert_not(is_readable(memory + 3 * PAGE_BYTES));
}

Test(region, commits_at_the_alignment_asked_for, .init = reserve)
{
	for (size_t alignment = PAGE_BYTES; alignment <= 4 * MIB; alignment *= 2) {
		/* A page before makes the next free address the worst one. */
		cr_assert_not_null(tp_region_commit(PAGE_BYTES, PAGE_BYTES));
		unsigned char *memory = tp_region_commit(PAGE_BYTES, alignment);
		cr_assert_not_null(memory);
		cr_assert_eq((uintptr_t)memory % alignment, 0, "%p at %zu", (void *)memory, alignment);
		memory[0] = 1;
	}
}

Test(region, commits_whole_pages_one_behind_the_other, .init = reserve)
{
	unsigned char *first = tp_region_commit(1, PAGE_BYTES);
	unsigned char *second = tp_region_commit(PAGE_BYTES + 1, PAGE_BYTES);
	unsigned char *third = tp_region_commit(PAGE_BYTES, PAGE_BYTES);

	cr_assert_eq((uintptr_t)first, tp_hot_region_base);
	cr_assert_eq(second, first + PAGE_BYTES);
	cr_assert_eq(third, second + 2 * PAGE_BYTES);
	cr_assert_eq(tp_region_committed_bytes(), 4 * PAGE_BYTES);
}

Test(region, beyond_the_end_is_refused, .init = reserve)
{
	cr_assert_null(tp_region_commit(REGION_BYTES + 1, PAGE_BYTES));
	cr_assert_null(tp_region_commit(PTRDIFF_MAX, PAGE_BYTES));
	cr_assert_eq(tp_region_committed_bytes(), 0);

	unsigned char *all = tp_region_commit(REGION_BYTES, PAGE_BYTES);
	cr_assert_not_null(all);
	all[0] = all[REGION_BYTES - 1] = 1;
	cr_assert_null(tp_region_commit(1, PAGE_BYTES));
	cr_assert_null(tp_region_commit(1, 2 * MIB));
	cr_assert_eq(tp_region_committed_bytes(), REGION_BYTES);
}

Test(region, a_refused_commit_leaves_room_for_smaller_ones, .init = reserve)
{
	cr_assert_not_null(tp_region_commit(REGION_BYTES - 2 * PAGE_BYTES, PAGE_BYTES));
	cr_assert_null(tp_region_commit(3 * PAGE_BYTES, PAGE_BYTES));
	cr_assert_null(tp_region_commit(PAGE_BYTES, 2 * MIB));
	cr_assert_not_null(tp_region_commit(2 * PAGE_BYTES, PAGE_BYTES));
	cr_assert_null(tp_region_commit(PAGE_BYTES, PAGE_BYTES));
}

Test(region, memory_the_kernel_refuses_is_refused_and_its_addresses_stay_free, .init = reserve)
{
	struct rlimit saved, limit;

	cr_assert_not_null(tp_region_commit(PAGE_BYTES, PAGE_BYTES));
	cr_assert_eq(getrlimit(RLIMIT_DATA, &saved), 0);
	limit = (struct rlimit){ .rlim_cur = PAGE_BYTES, .rlim_max = saved.rlim_max };
	cr_assert_eq(setrlimit(RLIMIT_DATA, &limit), 0);
	void *refused = tp_region_commit(16 * MIB, PAGE_BYTES);
	setrlimit(RLIMIT_DATA, &saved);
	cr_assert_null(refused);
	cr_assert_eq(tp_region_committed_bytes(), PAGE_BYTES);
	cr_assert_not_null(tp_region_commit(REGION_BYTES - PAGE_BYTES, PAGE_BYTES));
}

#define COMMIT_THREADS 8
#define COMMITS 100

static struct commit {
	unsigned char *start;
	size_t bytes;
} commits[COMMIT_THREADS][COMMITS];
static _Atomic unsigned commits_wrong;

/* Blocks of 1 to 5 pages, each filled with a value of the thread's own. */
static void commit_many(unsigned number)
{
	for (unsigned i = 0; i < COMMITS; i++) {
		size_t bytes = (1 + (i * 7 + number) % 5) * PAGE_BYTES;
		size_t alignment = (size_t)PAGE_BYTES << (i + number) % 5;
		unsigned char *start = tp_region_commit(bytes, alignment);

		if (!start || (uintptr_t)start % alignment != 0 || !is_filled(start, bytes, 0)) {
			commits_wrong++;
			return;
		}
		memset(start, (int)(number * 31 + i % 31 + 1), bytes);
		commits[number][i] = (struct commit){ start, bytes };
	}
}

Test(region, commits_of_several_threads_are_disjoint, .init = reserve)
{
	size_t sum = 0;

	threads_run(COMMIT_THREADS, commit_many);
	cr_assert_eq(commits_wrong, 0);
	for (unsigned number = 0; number < COMMIT_THREADS; number++) {
		for (unsigned i = 0; i < COMMITS; i++) {
			const struct commit *commit = &commits[number][i];

			cr_assert(is_inside(commit->start, commit->bytes));
			cr_assert(is_filled(commit->start, commit->bytes, (unsigned char)(number * 31 + i % 31 + 1)),
			    "commit %u of thread %u was overwritten", i, number);
			sum += commit->bytes;
		}
	}
	cr_assert_geq(tp_region_committed_bytes(), sum);
	cr_assert_leq(tp_region_committed_bytes(), REGION_BYTES);
}

static _Atomic size_t taken_pages;

static void commit_until_refused(unsigned number)
{
	size_t pages = 0;

	(void)number;
	while (tp_region_commit(PAGE_BYTES, PAGE_BYTES))
		pages++;
	taken_pages += pages;
}

/* A page that two threads got would make the sum too large. */
Test(region, several_threads_use_up_every_page_once)
{
	size_t bytes = 2048 * MIB;

	cr_assert_eq(tp_region_reserve(bytes, RECORD_BYTES), bytes);
	threads_run(4, commit_until_refused);
	cr_assert_eq(taken_pages, bytes / PAGE_BYTES);
}

Test(region, granules_count_64_kib_from_the_base, .init = reserve)
{
	char *base = (char *)tp_hot_region_base;

	cr_assert_eq(tp_region_granule(base), 0);
	cr_assert_eq(tp_region_granule(base + 65535), 0);
	cr_assert_eq(tp_region_granule(base + 65536), 1);
	for (size_t granule = 0; granule < REGION_BYTES >> 16; granule++)
		cr_assert_eq(tp_region_granule(tp_region_granule_address(granule)), granule);
}

Test(region, class_map_names_exactly_the_granules_set, .init = reserve)
{
	cr_assert_not_null(tp_region_commit(4 * MIB, 65536));
	size_t count = 4 * MIB >> TP_REGION_GRANULE_SHIFT;

	cr_assert(is_filled(tp_hot_class_map, count, 0));
	tp_pagemap_set_slab(rows, 5, 4, 64, TP_PAGEMAP_NO_OWNER);
	tp_pagemap_set_slab(rows, 9, 1, 7, TP_PAGEMAP_NO_OWNER);
	for (size_t granule = 0; granule < count; granule++)
		cr_assert_eq(tp_hot_class_map[granule],
		    granule == 9                  ? 7
		    : granule >= 5 && granule < 9 ? 64
						  : 0,
		    "granule %zu", granule);
	tp_pagemap_set_slab(rows, 6, 1, 0, TP_PAGEMAP_NO_OWNER);
	cr_assert_eq(tp_hot_class_map[5], 64);
	cr_assert_eq(tp_hot_class_map[6], 0);
	cr_assert_eq(tp_hot_class_map[7], 64);
}

Test(region, every_committed_granule_has_a_class_and_a_record_of_its_own, .init = reserve)
{
	size_t count = REGION_BYTES >> TP_REGION_GRANULE_SHIFT;

	cr_assert(tp_slab_record_use(0, 3));
	cr_assert(tp_slab_record_use(3, count));
	cr_assert_not(tp_slab_record_use(count, 1));
	for (size_t granule = 0; granule < count; granule++) {
		cr_assert_not_null(tp_region_commit(65536, 65536));
		unsigned char *record = tp_slab_record_at(granule);
		cr_assert(is_filled(record, RECORD_BYTES, 0));
		memset(record, (int)(granule % 251 + 1), RECORD_BYTES);
		tp_pagemap_set_slab(rows, granule, 1, granule % 64 + 1, TP_PAGEMAP_NO_OWNER);
		*tp_pagemap_word(granule) = (uint32_t)granule + 7;
	}
	for (size_t granule = 0; granule < count; granule++) {
		cr_assert(is_filled(tp_slab_record_at(granule), RECORD_BYTES, (unsigned char)(granule % 251 + 1)),
		    "record %zu", granule);
		cr_assert_eq(tp_hot_class_map[granule], granule % 64 + 1, "granule %zu", granule);
		cr_assert_eq(*tp_pagemap_word(granule), granule + 7, "number %zu", granule);
	}
	cr_assert(is_filled((void *)tp_hot_region_base, REGION_BYTES, 0), "records or classes lie in the region");
}

Test(region, populate_keeps_contents_and_errno, .init = reserve)
{
	unsigned char *memory = tp_region_commit(65536, 65536);

	memory[1] = 9;
	errno = ERANGE;
	tp_region_populate(memory, 65536);
	tp_region_populate((void *)(tp_hot_region_base + REGION_BYTES - 65536), 65536); /* not committed: refused */
	cr_assert_eq(errno, ERANGE);
	cr_assert_eq(memory[0], 0);
	cr_assert_eq(memory[1], 9);
}

Test(region, shrink_keeps_what_is_committed_and_refuses_later_commits, .init = reserve)
{
	unsigned char *memory = tp_region_commit(10 * MIB, 65536);

	cr_assert_not_null(memory);
	cr_assert(tp_slab_record_use(0, 160));
	memset(memory, 0x5a, 10 * MIB);
	memset(tp_slab_record_at(159), 0x5b, RECORD_BYTES);
	tp_pagemap_set_slab(rows, 159, 1, 33, TP_PAGEMAP_NO_OWNER);
	tp_region_shrink(0);
	cr_assert_eq(tp_hot_region_bytes, 10 * MIB);
	cr_assert_eq(tp_region_committed_bytes(), 10 * MIB);
	cr_assert(is_filled(memory, 10 * MIB, 0x5a));
	cr_assert(is_filled(tp_slab_record_at(159), RECORD_BYTES, 0x5b));
	cr_assert_eq(tp_hot_class_map[159], 33);
	cr_assert_null(tp_region_commit(PAGE_BYTES, PAGE_BYTES));
	memset(tp_slab_record_at(159), 1, RECORD_BYTES);
	tp_pagemap_set_slab(rows, 0, 160, 1, TP_PAGEMAP_NO_OWNER);
}

Test(region, shrink_leaves_a_quarter_of_the_limit, .init = reserve)
{
	cr_assert_not_null(tp_region_commit(MIB, 65536));
	tp_region_shrink(80 * MIB);
	cr_assert_eq(tp_hot_region_bytes, 20 * MIB);
	cr_assert_null(tp_region_commit(20 * MIB, PAGE_BYTES));
	unsigned char *rest = tp_region_commit(19 * MIB, PAGE_BYTES);
	cr_assert_not_null(rest);
	memset(rest, 1, 19 * MIB);
	cr_assert(tp_slab_record_use(319, 10));
	memset(tp_slab_record_at(319), 1, RECORD_BYTES);
	tp_pagemap_set_slab(rows, 0, 320, 2, TP_PAGEMAP_NO_OWNER);
	cr_assert_null(tp_region_commit(1, PAGE_BYTES));
}

Test(region, shrink_gives_the_addresses_back, .init = reserve)
{
	cr_assert_not_null(tp_region_commit(MIB, 65536));
	size_t before = address_space_bytes();

	tp_region_shrink(80 * MIB);
	size_t after = address_space_bytes();
	cr_assert_geq(before - after, REGION_BYTES - 20 * MIB);
}

Test(region, shrink_to_a_higher_limit_changes_nothing, .init = reserve)
{
	cr_assert_not_null(tp_region_commit(MIB, 65536));
	tp_region_shrink(4 * REGION_BYTES);
	cr_assert_eq(tp_hot_region_bytes, REGION_BYTES);
	cr_assert_eq(tp_region_committed_bytes(), MIB);
	cr_assert_not_null(tp_region_commit(REGION_BYTES - MIB, PAGE_BYTES));
}

Test(region, shrinks_in_steps, .init = reserve)
{
	cr_assert_not_null(tp_region_commit(3 * MIB, 65536));
	tp_region_shrink(160 * MIB);
	cr_assert_eq(tp_hot_region_bytes, 40 * MIB);
	tp_region_shrink(200 * MIB);
	cr_assert_eq(tp_hot_region_bytes, 40 * MIB);
	tp_region_shrink(40 * MIB);
	cr_assert_eq(tp_hot_region_bytes, 10 * MIB);
	tp_region_shrink(0);
	cr_assert_eq(tp_hot_region_bytes, 4 * MIB);
	cr_assert_not_null(tp_region_commit(MIB, 65536));
	cr_assert_null(tp_region_commit(1, PAGE_BYTES));
}

Test(region, shrink_without_a_region_does_nothing)
{
	tp_region_shrink(0);
	cr_assert_eq(tp_hot_region_bytes, 0);
}

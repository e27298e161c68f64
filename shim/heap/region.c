/* The region: reservation, commit, class map. See region.h. */
#include "shim/heap/region.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "shim/base/lock.h"

#define HUGE_BYTES ((size_t)2 << 20)
#define BASE_ALIGNMENT_BYTES ((size_t)4 << 20) /* of the largest slab: four objects of 1 MiB */
#define SHRINK_TRIES 10000 /* some milliseconds */
#define LIMIT_SHARE 4 /* of RLIMIT_AS, a quarter */
#define SMALLEST_BYTES ((size_t)4 << 20)

const uint8_t *tp_region_home_map;
uint32_t *tp_region_numbers;
unsigned char *tp_region_records;
size_t tp_region_record_stride;

/* The maps lie one behind the other, map_bytes each: classes, homes, and the routes of each home. */
enum { CLASSES, HOMES, ROUTES, MAPS = ROUTES + TP_REGION_HOMES };
static uint8_t *first_map;
static size_t map_bytes;
static uintptr_t reserved_end;
static _Atomic uintptr_t committed_end;

/*
 * The homes whose routes have begun, a bit each, and above these 32 bits how many pages of every map are usable. In
 * one word, so that a home that begins while the maps grow, and maps that grow while a home begins, each notice.
 */
static _Atomic uint64_t maps;
static struct tp_lock shrink_lock; /* held while memory is unmapped, and never waited for but by fork */

static size_t round_up(size_t value, size_t unit)
{
	return (value + unit - 1) / unit * unit;
}

static uint8_t *map_at(unsigned map)
{
	return first_map + map * map_bytes;
}

size_t tp_region_page_bytes(void)
{
	return getauxval(AT_PAGESZ);
}

/* A limited process keeps the rest for stacks, libraries and the next allocator, which serves when we are full. */
static size_t limit_to_address_space(size_t wanted_bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return wanted_bytes;
	size_t share = limit.rlim_cur / LIMIT_SHARE / HUGE_BYTES * HUGE_BYTES;
	return share < wanted_bytes ? share : wanted_bytes;
}

size_t tp_region_reserve(size_t wanted_bytes, size_t record_bytes)
{
	size_t bytes = limit_to_address_space(wanted_bytes / HUGE_BYTES * HUGE_BYTES);

	for (; bytes >= SMALLEST_BYTES; bytes = bytes / 2 / HUGE_BYTES * HUGE_BYTES) {
		size_t granules = bytes >> TP_REGION_GRANULE_SHIFT;
		size_t number_bytes = round_up(granules * sizeof *tp_region_numbers, tp_region_page_bytes());
		size_t maps_bytes = MAPS * round_up(granules, tp_region_page_bytes());
		size_t meta_bytes =
		    round_up(maps_bytes + number_bytes + granules * record_bytes, tp_region_page_bytes());
		unsigned char *start = mmap(NULL, meta_bytes + bytes + BASE_ALIGNMENT_BYTES, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (start == MAP_FAILED)
			continue;
		first_map = start;
		map_bytes = round_up(granules, tp_region_page_bytes());
		tp_region_numbers = (uint32_t *)(start + maps_bytes);
		tp_region_records = start + maps_bytes + number_bytes;
		tp_region_record_stride = record_bytes;
		uintptr_t base = round_up((uintptr_t)start + meta_bytes, BASE_ALIGNMENT_BYTES);
		reserved_end = base + bytes;
		atomic_store_explicit(&committed_end, base, memory_order_relaxed);
		tp_hot_region_base = base;
		tp_hot_class_map = map_at(CLASSES);
		tp_region_home_map = map_at(HOMES);
		tp_hot_region_bytes = bytes;
		return bytes;
	}
	return 0;
}

static bool make_usable(uintptr_t start, uintptr_t end)
{
	start &= ~(tp_region_page_bytes() - 1);
	end = round_up(end, tp_region_page_bytes());
	return mprotect((void *)start, end - start, PROT_READ | PROT_WRITE) == 0;
}

static size_t reserved_granules(void)
{
	return tp_hot_region_bytes >> TP_REGION_GRANULE_SHIFT;
}

/* Granules that have usable bytes in the maps of a state. */
static size_t mapped_granules(uint64_t state)
{
	size_t granules = (state >> 32) * tp_region_page_bytes();

	return granules < reserved_granules() ? granules : reserved_granules();
}

static bool use_map(unsigned map, size_t first, size_t end)
{
	return make_usable((uintptr_t)map_at(map) + first, (uintptr_t)map_at(map) + end);
}

/* Of the numbers and of every map, but for the routes of homes that have not begun. */
static bool use_maps(uint32_t homes, size_t first, size_t end)
{
	bool usable = use_map(CLASSES, first, end) && use_map(HOMES, first, end) &&
		      make_usable((uintptr_t)&tp_region_numbers[first], (uintptr_t)&tp_region_numbers[end]);

	for (unsigned home = 0; usable && home < TP_REGION_HOMES; home++)
		if (homes >> home & 1)
			usable = use_map(ROUTES + home, first, end);
	return usable;
}

/* Make what the first @count granules have in the maps usable, a page at a time, which is 256 MiB of the region. */
static bool grow_maps(size_t count)
{
	uint64_t now = atomic_load_explicit(&maps, memory_order_acquire), grown;

	do {
		if (mapped_granules(now) >= count)
			return true;
		uint64_t pages = (count + tp_region_page_bytes() - 1) / tp_region_page_bytes();
		grown = pages << 32 | (uint32_t)now;
		if (!use_maps((uint32_t)now, mapped_granules(now), mapped_granules(grown)))
			return false;
	} while (
	    !atomic_compare_exchange_weak_explicit(&maps, &now, grown, memory_order_acq_rel, memory_order_acquire));
	return true;
}

bool tp_region_begin_routes(unsigned home)
{
	uint64_t now = atomic_load_explicit(&maps, memory_order_acquire);

	do {
		if (!use_map(ROUTES + home, 0, mapped_granules(now)))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
	    &maps, &now, now | UINT64_C(1) << home, memory_order_acq_rel, memory_order_acquire));
	return true;
}

uint32_t tp_region_routed_homes(void)
{
	return (uint32_t)atomic_load_explicit(&maps, memory_order_acquire);
}

size_t tp_region_granule_count(void)
{
	size_t committed = (tp_region_committed_bytes() + TP_REGION_GRANULE_BYTES - 1) >> TP_REGION_GRANULE_SHIFT;
	size_t mapped = mapped_granules(atomic_load_explicit(&maps, memory_order_acquire));

	return committed < mapped ? committed : mapped;
}

int8_t *tp_region_routes(unsigned home)
{
	return (int8_t *)map_at(ROUTES + home);
}

static bool commit_range(uintptr_t start, uintptr_t end)
{
	return grow_maps(tp_region_granule((void *)(end - 1)) + 1) && make_usable(start, end);
}

void *tp_region_commit(size_t bytes, size_t alignment)
{
	uintptr_t old_end = atomic_load_explicit(&committed_end, memory_order_relaxed);
	uintptr_t start, end;

	bytes = round_up(bytes, tp_region_page_bytes());
	do {
		uintptr_t limit = tp_hot_region_base + tp_hot_region_bytes;

		start = round_up(old_end, alignment);
		if (start > limit || bytes > limit - start)
			return NULL;
		end = start + bytes;
	} while (!atomic_compare_exchange_weak_explicit(
	    &committed_end, &old_end, end, memory_order_relaxed, memory_order_relaxed));

	if (commit_range(start, end))
		return (void *)start;
	/* Give the addresses back where nobody has taken the ones behind them. */
	atomic_compare_exchange_strong_explicit(
	    &committed_end, &end, old_end, memory_order_relaxed, memory_order_relaxed);
	return NULL;
}

void tp_region_populate(void *start, size_t bytes)
{
	int saved_errno = errno;

	madvise(start, bytes, MADV_POPULATE_WRITE); /* Linux 5.14; elsewhere the pages come one by one */
	errno = saved_errno;
}

bool tp_region_purge(void *start, size_t bytes)
{
	return madvise(start, bytes, MADV_DONTNEED) == 0;
}

size_t tp_region_committed_bytes(void)
{
	return atomic_load_explicit(&committed_end, memory_order_relaxed) - tp_hot_region_base;
}

/* A fork holds it for a moment. Returns false where another thread shrinks, or this one below its signal handler. */
static bool try_shrink_lock(void)
{
	for (int i = 0; i < SHRINK_TRIES; i++) {
		if (tp_lock_try(&shrink_lock))
			return true;
		sched_yield();
	}
	return false;
}

void tp_region_lock_shrink(void)
{
	tp_lock_acquire(&shrink_lock);
}

void tp_region_unlock_shrink(void)
{
	tp_lock_release(&shrink_lock);
}

void tp_region_reset_shrink(void)
{
	tp_lock_reset(&shrink_lock);
}

void tp_region_shrink(size_t limit_bytes)
{
	uintptr_t base = tp_hot_region_base;

	if (tp_hot_region_bytes == 0)
		return;
	/* One at a time: a second one would take the first one's claim below for what is in use. */
	if (!try_shrink_lock())
		return;
	/* Claim the whole rest, so that no commit runs beside the unmapping. */
	uintptr_t end = atomic_exchange_explicit(&committed_end, reserved_end, memory_order_relaxed);
	size_t keep = limit_bytes / LIMIT_SHARE / HUGE_BYTES * HUGE_BYTES;
	size_t used = round_up(end - base, HUGE_BYTES);

	if (keep < used)
		keep = used;
	if (base + keep < reserved_end) {
		size_t granules = keep >> TP_REGION_GRANULE_SHIFT;
		uintptr_t record_tail =
		    round_up((uintptr_t)tp_region_records + granules * tp_region_record_stride, tp_region_page_bytes());
		size_t map_used = round_up(granules, tp_region_page_bytes());
		uintptr_t number_tail = round_up((uintptr_t)&tp_region_numbers[granules], tp_region_page_bytes());

		tp_hot_region_bytes = keep;
		munmap((void *)(base + keep), reserved_end - (base + keep));
		munmap((void *)record_tail, base - record_tail);
		for (unsigned map = 0; map < MAPS && map_used < map_bytes; map++)
			munmap(map_at(map) + map_used, map_bytes - map_used);
		munmap((void *)number_tail, (uintptr_t)tp_region_records - number_tail);
		reserved_end = base + keep;
	}
	atomic_store_explicit(&committed_end, end, memory_order_relaxed);
	tp_lock_release(&shrink_lock);
}

bool tp_region_use_records(size_t first, size_t count)
{
	size_t most = tp_hot_region_bytes >> TP_REGION_GRANULE_SHIFT;
	uintptr_t start = (uintptr_t)tp_region_records;

	if (first >= most)
		return false;
	if (count > most - first)
		count = most - first;
	return make_usable(start + first * tp_region_record_stride, start + (first + count) * tp_region_record_stride);
}

void tp_region_set_slab(size_t granule, size_t count, unsigned class_index, unsigned home)
{
	uint8_t *homes = map_at(HOMES);

	for (size_t i = granule; i < granule + count; i++)
		if (tp_region_granule_home(i) != home) /* a program that has no homes has no page for them */
			homes[i] = (uint8_t)(home == TP_REGION_NO_HOME ? 0 : home + 1);
	memset(map_at(CLASSES) + granule, (int)class_index, count);
}

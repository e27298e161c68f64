/* The region: how it is reserved, committed and shrunk. See region.h. */
#include "shim/heap/region.h"

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "shim/base/lock.h"
#include "shim/heap/pagemap.h"
#include "shim/heap/slab_record.h"

#define HUGE_BYTES ((size_t)2 << 20) /* a huge page; the region's size is a multiple of it */
#define BASE_ALIGNMENT_BYTES ((size_t)4 << 20) /* of the largest slab: four objects of 1 MiB */
#define SHRINK_TRIES 10000 /* for the lock, with sched_yield between: some milliseconds */
#define LIMIT_SHARE 4 /* the region takes a quarter of RLIMIT_AS at most */
#define SMALLEST_BYTES ((size_t)4 << 20) /* a smaller region is not worth it */

static uintptr_t reserved_end; /* written by start, then under the lock */
static _Atomic uintptr_t committed_end; /* addresses below it are taken; their pages may not be usable yet */

struct tp_lock tp_region_shrink_lock;

static size_t round_up(size_t value, size_t unit)
{
	return (value + unit - 1) / unit * unit;
}

size_t tp_region_page_bytes(void)
{
	return getauxval(AT_PAGESZ);
}

size_t tp_region_whole_pages(size_t bytes)
{
	return round_up(bytes, tp_region_page_bytes());
}

/*
 * Return @wanted_bytes, or less under RLIMIT_AS. Such a process keeps the rest for stacks, for libraries, and for the
 * next allocator, which serves after the region is full.
 */
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
		size_t map_bytes = tp_pagemap_bytes(granules);
		size_t meta_bytes = map_bytes + tp_region_whole_pages(granules * record_bytes);
		unsigned char *start = mmap(NULL, meta_bytes + bytes + BASE_ALIGNMENT_BYTES, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (start == MAP_FAILED)
			continue;
		uintptr_t base = round_up((uintptr_t)start + meta_bytes, BASE_ALIGNMENT_BYTES);
		tp_pagemap_place(start, granules);
		tp_slab_record_place(start + map_bytes, base, record_bytes);
		reserved_end = base + bytes;
		atomic_store_explicit(&committed_end, base, memory_order_relaxed);
		tp_hot_region_base = base;
		tp_hot_region_bytes = bytes;
		return bytes;
	}
	return 0;
}

bool tp_region_make_usable(uintptr_t start, uintptr_t end)
{
	start &= ~(tp_region_page_bytes() - 1);
	end = tp_region_whole_pages(end);
	return mprotect((void *)start, end - start, PROT_READ | PROT_WRITE) == 0;
}

static bool commit_range(uintptr_t start, uintptr_t end)
{
	return tp_pagemap_grow(tp_region_granule((void *)(end - 1)) + 1) && tp_region_make_usable(start, end);
}

void *tp_region_commit(size_t bytes, size_t alignment)
{
	uintptr_t old_end = atomic_load_explicit(&committed_end, memory_order_relaxed);
	uintptr_t start, end;

	bytes = tp_region_whole_pages(bytes);
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
	/* Give the addresses back, if no thread has taken addresses after them. */
	atomic_compare_exchange_strong_explicit(
	    &committed_end, &end, old_end, memory_order_relaxed, memory_order_relaxed);
	return NULL;
}

void tp_region_populate(void *start, size_t bytes)
{
	int saved_errno = errno;

	madvise(start, bytes, MADV_POPULATE_WRITE); /* since Linux 5.14; before, each page comes by a fault */
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

/*
 * Take the lock, unless a thread holds it for long. That is another thread that shrinks, or this thread, if a signal
 * handler shrinks too. A fork holds it for a moment, and is waited for. Returns whether the caller has the lock.
 */
static bool try_shrink_lock(void)
{
	for (int i = 0; i < SHRINK_TRIES; i++) {
		if (tp_lock_try(&tp_region_shrink_lock))
			return true;
		sched_yield();
	}
	return false;
}

void tp_region_shrink(size_t limit_bytes)
{
	uintptr_t base = tp_hot_region_base;

	if (tp_hot_region_bytes == 0)
		return;
	/* One thread at a time: a second one would take the claim below for memory that is in use. */
	if (!try_shrink_lock())
		return; /* the other thread's limit counts */
	/* Claim all addresses up to the end, so that no thread commits memory during the unmapping. */
	uintptr_t end = atomic_exchange_explicit(&committed_end, reserved_end, memory_order_relaxed);
	size_t keep = limit_bytes / LIMIT_SHARE / HUGE_BYTES * HUGE_BYTES;
	size_t used = round_up(end - base, HUGE_BYTES);

	if (keep < used)
		keep = used;
	if (base + keep < reserved_end) {
		size_t granules = keep >> TP_REGION_GRANULE_SHIFT;

		tp_hot_region_bytes = keep;
		munmap((void *)(base + keep), reserved_end - (base + keep));
		tp_slab_record_shrink(granules);
		tp_pagemap_shrink(granules);
		reserved_end = base + keep;
	}
	atomic_store_explicit(&committed_end, end, memory_order_relaxed);
	tp_lock_release(&tp_region_shrink_lock);
}

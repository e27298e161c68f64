/*
 * The region: one reserved range of addresses that holds all that is handed out.
 *
 *   | pagemap | slab records |  granule 0 | granule 1 | ...            |
 *                               64 KiB each, PROT_NONE until committed
 *
 * "Is it ours" is one subtraction. Ranges are committed from the front and never given back as addresses; their
 * pages are, by whoever owns them. Any thread may commit; only fork waits for the lock here.
 */
#ifndef TP_REGION_H
#define TP_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/hot.h"
#include "shim/base/lock.h"

#define TP_REGION_GRANULE_SHIFT 16
#define TP_REGION_GRANULE_BYTES ((size_t)1 << TP_REGION_GRANULE_SHIFT)

/* The kernel's page size. */
size_t tp_region_page_bytes(void);

/* Round @bytes up to whole pages. */
size_t tp_region_whole_pages(size_t bytes);

/* Make the pages from @start to @end, reserved ones, readable and writable. Returns false when there is no memory. */
bool tp_region_make_usable(uintptr_t start, uintptr_t end);

/*
 * Reserve the region: @wanted_bytes, or as much as limits allow.
 * Returns the bytes reserved, 0 when not even the smallest useful range is free.
 */
size_t tp_region_reserve(size_t wanted_bytes, size_t record_bytes);

/*
 * Make the next @bytes of the region readable and writable, zero-filled.
 * Returns their start, or NULL when the region or the kernel's memory is used up.
 * Threads: any.
 */
void *tp_region_commit(size_t bytes, size_t alignment);

/* Ask the kernel for the pages of a range that is about to be written; a hint. errno is kept. */
void tp_region_populate(void *start, size_t bytes);

/* Give pages to the kernel; they read as zeroes after. Returns whether it took them. */
bool tp_region_purge(void *start, size_t bytes);

/* Bytes of the region committed so far. */
size_t tp_region_committed_bytes(void);

/*
 * Shrink the reservation so that the process stays under @limit_bytes of
 * address space: called before the host lowers its own RLIMIT_AS. Leaves it to
 * the other thread where one is already at it.
 */
void tp_region_shrink(size_t limit_bytes);

/* Held while the region shrinks: fork takes it, so that no child has a region that is half shrunk. */
extern struct tp_lock tp_region_shrink_lock;

static inline size_t tp_region_granule(const void *address)
{
	return ((uintptr_t)address - tp_hot_region_base) >> TP_REGION_GRANULE_SHIFT;
}

static inline void *tp_region_granule_address(size_t granule)
{
	return (void *)(tp_hot_region_base + (granule << TP_REGION_GRANULE_SHIFT));
}

/* Whether @address lies in the region. */
static inline bool tp_region_holds(const void *address)
{
	return (uintptr_t)address - tp_hot_region_base < tp_hot_region_bytes;
}

#endif

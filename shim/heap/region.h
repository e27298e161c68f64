/*
 * The region: one reserved range of addresses that holds all that is handed out.
 *
 *   | pagemap | slab records |  granule 0 | granule 1 | ...            |
 *                               64 KiB each, PROT_NONE until committed
 *
 * Whether a pointer is ours costs one subtraction and one comparison. Ranges are committed from the front. Their
 * addresses are never given back, but their owners give back pages. Any thread may call, also under a lock. Only fork
 * waits for the lock here.
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

/* Return the kernel's page size. */
size_t tp_region_page_bytes(void);

/* Round @bytes up to whole pages. */
size_t tp_region_whole_pages(size_t bytes);

/*
 * Make the reserved pages that hold the bytes from @start to @end readable and writable. Returns false if there is no
 * memory.
 */
bool tp_region_make_usable(uintptr_t start, uintptr_t end);

/*
 * Reserve the region, the pagemap and the slab records: @wanted_bytes for the region, or as much as limits allow.
 * @record_bytes: the size of a slab record. Sets the hot words of the region.
 * Returns the region's bytes, or 0 if not even the smallest useful range is free. Threads: one call, during start.
 */
size_t tp_region_reserve(size_t wanted_bytes, size_t record_bytes);

/*
 * Make the next @bytes of the region, in whole pages, readable and writable. They are zeroes.
 * @alignment: of their start, from a page on.
 * Returns their start, or NULL if the region or the kernel's memory is used up. Threads: any, also under a lock.
 */
void *tp_region_commit(size_t bytes, size_t alignment);

/* Ask the kernel for all pages of a range that will soon be written. A hint. errno is kept. */
void tp_region_populate(void *start, size_t bytes);

/* Give whole pages to the kernel. They then read as zeroes. Returns false if the kernel refuses: pages are locked. */
bool tp_region_purge(void *start, size_t bytes);

/* Return the bytes of the region committed so far. */
size_t tp_region_committed_bytes(void);

/*
 * Shrink the region to a quarter of @limit_bytes, but not below what is committed. Called before the program lowers its
 * RLIMIT_AS, and if its mlockall fails. Does nothing if another thread is shrinking the region. A commit that comes
 * meanwhile fails.
 */
void tp_region_shrink(size_t limit_bytes);

/* Held while the region shrinks. Fork takes it, so that no child has a region that is half shrunk. */
extern struct tp_lock tp_region_shrink_lock;

/* Return the number of the granule that holds an address of the region. */
static inline size_t tp_region_granule(const void *address)
{
	return ((uintptr_t)address - tp_hot_region_base) >> TP_REGION_GRANULE_SHIFT;
}

/* Return the address at which a granule begins. */
static inline void *tp_region_granule_address(size_t granule)
{
	return (void *)(tp_hot_region_base + (granule << TP_REGION_GRANULE_SHIFT));
}

/* Return whether @address lies in the region. */
static inline bool tp_region_holds(const void *address)
{
	return (uintptr_t)address - tp_hot_region_base < tp_hot_region_bytes;
}

#endif

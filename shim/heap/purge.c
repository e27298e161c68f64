/* Purging idle objects. See purge.h. */
#include "shim/heap/purge.h"

#include <stdatomic.h>
#include <stddef.h>

#include "shim/heap/chunk.h"
#include "shim/heap/region.h"
#include "shim/heap/slab.h"

static _Atomic uint64_t returned_bytes; /* of pages that the kernel has taken back */

/* Give back the whole pages of objects that lie side by side. A page at either end may hold part of another object. */
static void purge_range(uintptr_t first, size_t bytes)
{
	uintptr_t page = tp_region_page_bytes();
	uintptr_t start = (first + page - 1) & ~(page - 1), end = (first + bytes) & ~(page - 1);

	if (end > start && tp_region_purge((void *)start, end - start))
		atomic_fetch_add_explicit(&returned_bytes, end - start, memory_order_relaxed);
}

/* Purge the slab that begins at @start, if one does. Returns whether free objects of it still have pages. */
static bool purge_slab(uintptr_t start)
{
	struct tp_slab_idle idle;

	if (!tp_slab_take_idle((uint32_t)tp_region_granule((void *)start), &idle))
		return idle.left;
	for (unsigned bits = idle.bits; bits != 0;) {
		unsigned first = (unsigned)__builtin_ctz(bits), count = (unsigned)__builtin_ctz(~(bits >> first));

		purge_range(start + (size_t)first * idle.object_bytes, (size_t)count * idle.object_bytes);
		bits &= ~(((1U << count) - 1) << first);
	}
	tp_slab_put_purged(&idle);
	return idle.left;
}

bool tp_purge_chunk(uint32_t chunk)
{
	uintptr_t start = (uintptr_t)tp_chunk_start(chunk);
	bool left = false;

	for (uintptr_t offset = 0; start && offset < TP_CHUNK_BYTES; offset += TP_SLAB_IDLE_BYTES)
		left |= purge_slab(start + offset);
	return left;
}

uint64_t tp_purge_returned_bytes(void)
{
	return atomic_load_explicit(&returned_bytes, memory_order_relaxed);
}

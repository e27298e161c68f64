/* Idle objects. See idle.h. */
#include "shim/idle.h"

#include <stdatomic.h>

#include "shim/bitmap.h"
#include "shim/region.h"

#define OBJECT_MIN 16384U

_Static_assert(262144U / OBJECT_MIN <= TP_BITMAP_IDLE_MAX, "the slabs of such objects know which of them idle");

static _Atomic uint64_t returned_bytes;

bool tp_idle_applies(const struct tp_class *c)
{
	return c->object_bytes >= OBJECT_MIN;
}

size_t tp_idle_take(const struct tp_bins *bins, struct tp_idle idle[TP_IDLE_BATCH])
{
	size_t count = 0;

	for (unsigned bin = 0; bin < TP_BIN_COUNT; bin++)
		for (uint32_t link = bins->first[bin]; link != TP_BIN_NO_SLAB; link = tp_bin_slab(link - 1)->next) {
			uint16_t bits = tp_bitmap_idle(tp_bin_slab(link - 1));

			if (bits == 0)
				continue;
			if (count == TP_IDLE_BATCH)
				return count;
			tp_bitmap_take_idle(tp_bin_slab(link - 1), bits);
			idle[count++] = (struct tp_idle){ .granule = link - 1, .bits = bits };
		}
	return count;
}

/* Its whole pages: at both ends others may lie on the same one. */
static void purge_object(const struct tp_class *c, uintptr_t object)
{
	uintptr_t page = tp_region_page_bytes();
	uintptr_t start = (object + page - 1) & ~(page - 1), end = (object + c->object_bytes) & ~(page - 1);

	if (end > start && tp_region_purge((void *)start, end - start))
		atomic_fetch_add_explicit(&returned_bytes, end - start, memory_order_relaxed);
}

void tp_idle_purge(const struct tp_class *c, const struct tp_idle *idle)
{
	uintptr_t slab = (uintptr_t)tp_region_granule_address(idle->granule);

	for (unsigned bits = idle->bits; bits != 0; bits &= bits - 1)
		purge_object(c, slab + (size_t)__builtin_ctz(bits) * c->object_bytes);
}

void tp_idle_mark(const struct tp_bins *bins)
{
	for (unsigned bin = 0; bin < TP_BIN_COUNT; bin++)
		for (uint32_t link = bins->first[bin]; link != TP_BIN_NO_SLAB; link = tp_bin_slab(link - 1)->next)
			tp_bitmap_mark_idle(tp_bin_slab(link - 1));
}

uint64_t tp_idle_returned_bytes(void)
{
	return atomic_load_explicit(&returned_bytes, memory_order_relaxed);
}

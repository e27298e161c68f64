/* Homes: their bins, and what is spare in them. See home.h. */
#include "shim/heap/owner.h"
#include "shim/heap/pagemap.h"

#include <stdatomic.h>
#include <stddef.h>

static struct tp_bins home_bins[TP_PAGEMAP_OWNERS][TP_CLASS_HOMED_LIMIT];
static _Atomic unsigned home_count; /* all homes that there have been are below it */

static struct tp_bins *bins_of(const struct tp_class *c, unsigned home)
{
	return &home_bins[home][c->object_bytes >> TP_CLASS_GRAIN_SHIFT];
}

void tp_home_note(unsigned home)
{
	unsigned count = atomic_load_explicit(&home_count, memory_order_relaxed);

	while (home != TP_PAGEMAP_NO_OWNER && home >= count &&
	       !atomic_compare_exchange_weak_explicit(
		   &home_count, &count, home + 1, memory_order_relaxed, memory_order_relaxed))
		;
}

unsigned tp_home_count(void)
{
	return atomic_load_explicit(&home_count, memory_order_relaxed);
}

struct tp_bins *tp_home_bins(struct tp_bins *homeless, const struct tp_class *c, unsigned home)
{
	return home == TP_PAGEMAP_NO_OWNER ? homeless : bins_of(c, home);
}

struct tp_bins *tp_home_bins_at(struct tp_bins *homeless, const struct tp_class *c, unsigned place)
{
	if (place == 0)
		return homeless;
	return place <= tp_home_count() ? bins_of(c, place - 1) : NULL;
}

/* The fullest slab: where others have a home, nobody takes from those that have none. */
static uint32_t find_homeless(const struct tp_bins *bins)
{
	for (unsigned bin = 0; bin < TP_BIN_COUNT; bin++)
		if (bins->first[bin] != TP_BIN_NO_SLAB)
			return bins->first[bin];
	return TP_BIN_NO_SLAB;
}

/*
 * A slab that the home of @bins can do without: an empty one, or one that is not the first
 * of its bin. Of a class that is not large none of the fullest quarter.
 */
static uint32_t find_spare(const struct tp_bins *bins, bool is_large)
{
	if (bins->first[TP_BIN_EMPTY] != TP_BIN_NO_SLAB)
		return bins->first[TP_BIN_EMPTY];
	for (unsigned bin = TP_BIN_EMPTY; bin > (is_large ? 0U : 1U); bin--) {
		uint32_t link = bins->first[bin - 1];

		if (link != TP_BIN_NO_SLAB && tp_bin_slab(link - 1)->next != TP_BIN_NO_SLAB)
			return tp_bin_slab(link - 1)->next;
	}
	return TP_BIN_NO_SLAB;
}

uint32_t tp_home_adopt(struct tp_bins *homeless, const struct tp_class *c, unsigned home, bool is_large)
{
	struct tp_bins *own = tp_home_bins(homeless, c, home), *bins;

	for (unsigned place = 0; (bins = tp_home_bins_at(homeless, c, place)); place++) {
		uint32_t link = place == 0 ? find_homeless(bins) : find_spare(bins, is_large);

		if (bins == own || link == TP_BIN_NO_SLAB)
			continue;
		tp_bin_remove(bins, tp_bin_slab(link - 1));
		tp_bin_slab(link - 1)->home = (uint8_t)home;
		tp_bin_settle(own, c, link - 1);
		return link;
	}
	return TP_BIN_NO_SLAB;
}

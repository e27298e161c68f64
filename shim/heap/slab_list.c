/* Bins: doubly linked lists of slabs. See bin.h. */
#include "shim/heap/slab_list.h"

static struct tp_slab *linked(uint32_t link)
{
	return tp_bin_slab(link - 1);
}

void tp_bin_remove(struct tp_bins *bins, struct tp_slab *slab)
{
	if (slab->bin == TP_BIN_NONE)
		return;
	if (slab->previous != TP_BIN_NO_SLAB)
		linked(slab->previous)->next = slab->next;
	else
		bins->first[slab->bin] = slab->next;
	if (slab->next != TP_BIN_NO_SLAB)
		linked(slab->next)->previous = slab->previous;
	slab->bin = TP_BIN_NONE;
}

/* The lowest free count above those of @bin. */
static uint16_t end_of(const struct tp_class *c, unsigned bin)
{
	if (bin == TP_BIN_NONE)
		return 1;
	uint32_t end = ((bin + 1) * c->slab_objects + TP_BIN_EMPTY - 1) / TP_BIN_EMPTY + 1;

	return (uint16_t)(end < c->slab_objects ? end : c->slab_objects);
}

static unsigned bin_for(const struct tp_class *c, const struct tp_slab *slab)
{
	if (slab->free_count == 0)
		return TP_BIN_NONE;
	if (slab->free_count == c->slab_objects)
		return TP_BIN_EMPTY;
	return (slab->free_count - 1U) * TP_BIN_EMPTY / c->slab_objects;
}

void tp_bin_settle(struct tp_bins *bins, const struct tp_class *c, uint32_t granule)
{
	struct tp_slab *slab = tp_bin_slab(granule);
	unsigned bin = bin_for(c, slab);

	if (bin == slab->bin)
		return;
	tp_bin_remove(bins, slab);
	slab->bin_end = end_of(c, bin);
	if (bin == TP_BIN_NONE)
		return;
	slab->bin = (uint8_t)bin;
	slab->previous = TP_BIN_NO_SLAB;
	slab->next = bins->first[bin];
	if (slab->next != TP_BIN_NO_SLAB)
		linked(slab->next)->previous = granule + 1;
	bins->first[bin] = granule + 1;
}

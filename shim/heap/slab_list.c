/* Slab lists: doubly linked lists of slabs. See slab_list.h. */
#include "shim/heap/slab_list.h"

static struct tp_slab *linked(uint32_t link)
{
	return tp_slab_at(link - 1);
}

void tp_slab_list_remove(struct tp_slab_lists *lists, struct tp_slab *slab)
{
	if (slab->list == TP_SLAB_LIST_NONE)
		return;
	if (slab->previous != TP_SLAB_LIST_NO_SLAB)
		linked(slab->previous)->next = slab->next;
	else
		lists->first[slab->list] = slab->next;
	if (slab->next != TP_SLAB_LIST_NO_SLAB)
		linked(slab->next)->previous = slab->previous;
	slab->list = TP_SLAB_LIST_NONE;
}

/* Return the lowest free count above those of @list. */
static uint16_t end_of(const struct tp_class *c, unsigned list)
{
	if (list == TP_SLAB_LIST_NONE)
		return 1;
	uint32_t end = ((list + 1) * c->slab_objects + TP_SLAB_LIST_EMPTY - 1) / TP_SLAB_LIST_EMPTY + 1;

	return (uint16_t)(end < c->slab_objects ? end : c->slab_objects);
}

static unsigned list_for(const struct tp_class *c, const struct tp_slab *slab)
{
	if (slab->free_count == 0)
		return TP_SLAB_LIST_NONE;
	if (slab->free_count == c->slab_objects)
		return TP_SLAB_LIST_EMPTY;
	return (slab->free_count - 1U) * TP_SLAB_LIST_EMPTY / c->slab_objects;
}

void tp_slab_list_relink(struct tp_slab_lists *lists, const struct tp_class *c, uint32_t granule)
{
	struct tp_slab *slab = tp_slab_at(granule);
	unsigned list = list_for(c, slab);

	if (list == slab->list)
		return;
	tp_slab_list_remove(lists, slab);
	slab->list_end = end_of(c, list);
	if (list == TP_SLAB_LIST_NONE)
		return;
	slab->list = (uint8_t)list;
	slab->previous = TP_SLAB_LIST_NO_SLAB;
	slab->next = lists->first[list];
	if (slab->next != TP_SLAB_LIST_NO_SLAB)
		linked(slab->next)->previous = granule + 1;
	lists->first[list] = granule + 1;
}

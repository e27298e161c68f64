/* Owners: their slab lists, and the slabs that they can spare. See owner.h. */
#include "shim/heap/owner.h"
#include "shim/heap/pagemap.h"

#include <stdatomic.h>
#include <stddef.h>

static struct tp_slab_lists owner_lists[TP_PAGEMAP_OWNERS][TP_CLASS_OWNED_LIMIT]; /* by object size over 16 bytes */
static _Atomic unsigned owner_count; /* every owner noted so far is below it; it only rises */

/* Owned objects are below 1 KiB (policy/class.c), so no two classes share lists. */
static struct tp_slab_lists *lists_of(const struct tp_class *c, unsigned owner)
{
	return &owner_lists[owner][c->object_bytes >> TP_CLASS_GRAIN_SHIFT];
}

void tp_owner_note(unsigned owner)
{
	unsigned count = atomic_load_explicit(&owner_count, memory_order_relaxed);

	while (owner != TP_PAGEMAP_NO_OWNER && owner >= count &&
	       !atomic_compare_exchange_weak_explicit(
		   &owner_count, &count, owner + 1, memory_order_relaxed, memory_order_relaxed))
		;
}

unsigned tp_owner_count(void)
{
	return atomic_load_explicit(&owner_count, memory_order_relaxed);
}

struct tp_slab_lists *tp_owner_lists(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned owner)
{
	return owner == TP_PAGEMAP_NO_OWNER ? unowned : lists_of(c, owner);
}

struct tp_slab_lists *tp_owner_lists_at(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned place)
{
	if (place == 0)
		return unowned;
	return place <= tp_owner_count() ? lists_of(c, place - 1) : NULL;
}

/* Return the fullest slab without an owner: once there are owners, no CPU takes from such slabs. */
static uint32_t find_unowned(const struct tp_slab_lists *lists)
{
	for (unsigned list = 0; list < TP_SLAB_LIST_COUNT; list++)
		if (lists->first[list] != TP_SLAB_LIST_NO_SLAB)
			return lists->first[list];
	return TP_SLAB_LIST_NO_SLAB;
}

/*
 * Return a slab that the owner of @lists can spare: an empty one, or the second of a list. In a class that is not large
 * the slabs of the fullest quarter are not spared: they have few free objects.
 */
static uint32_t find_spare(const struct tp_slab_lists *lists, bool is_large)
{
	if (lists->first[TP_SLAB_LIST_EMPTY] != TP_SLAB_LIST_NO_SLAB)
		return lists->first[TP_SLAB_LIST_EMPTY];
	for (unsigned list = TP_SLAB_LIST_EMPTY; list > (is_large ? 0U : 1U); list--) {
		uint32_t link = lists->first[list - 1];

		if (link != TP_SLAB_LIST_NO_SLAB && tp_slab_at(link - 1)->next != TP_SLAB_LIST_NO_SLAB)
			return tp_slab_at(link - 1)->next;
	}
	return TP_SLAB_LIST_NO_SLAB;
}

uint32_t tp_owner_adopt(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned owner, bool is_large)
{
	struct tp_slab_lists *own = tp_owner_lists(unowned, c, owner), *lists;

	for (unsigned place = 0; (lists = tp_owner_lists_at(unowned, c, place)); place++) {
		uint32_t link = place == 0 ? find_unowned(lists) : find_spare(lists, is_large);

		if (lists == own || link == TP_SLAB_LIST_NO_SLAB)
			continue;
		tp_slab_list_remove(lists, tp_slab_at(link - 1));
		tp_slab_at(link - 1)->owner = (uint8_t)owner;
		tp_slab_list_relink(own, c, link - 1);
		return link;
	}
	return TP_SLAB_LIST_NO_SLAB;
}

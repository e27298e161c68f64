/*
 * Owners: the slab lists of each owner of an owned class, and which slab an owner can spare.
 *
 * An owner is a CPU's number modulo TP_PAGEMAP_OWNERS: only CPUs with this number take from its slabs (slab.h).
 * Owns the lists of all owners. The slabs without an owner are in lists of the caller's, @unowned below.
 * Threads: any may call tp_owner_note and tp_owner_count; for the others the caller holds the lock of the class.
 */
#ifndef TP_OWNER_H
#define TP_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/heap/pagemap.h"
#include "shim/heap/slab_list.h"

/* Note that @owner exists from now on. Does nothing for TP_PAGEMAP_NO_OWNER. */
void tp_owner_note(unsigned owner);

/* Return a number that is above every owner noted so far. */
unsigned tp_owner_count(void);

/* Return the lists of @owner for the class @c, or @unowned for TP_PAGEMAP_NO_OWNER. */
struct tp_slab_lists *tp_owner_lists(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned owner);

/* Return the lists of an owned class one by one: @unowned for @place 0, then those of each owner, then NULL. */
struct tp_slab_lists *tp_owner_lists_at(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned place);

/*
 * Move a slab to the lists of @owner, from @unowned or from another owner that can spare it.
 * @is_large: the class has so much memory that another slab would cost more than two CPUs that write to one cache line.
 * Returns the slab's first granule plus one, or TP_SLAB_LIST_NO_SLAB if no slab can be spared.
 */
uint32_t tp_owner_adopt(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned owner, bool is_large);

#endif

/*
 * Owners: which CPU the slabs of a owned class are for, and which slab one can do without.
 *
 * Owns the lists of owners; those of the slabs that have none are the caller's, as for
 * every other class. All but tp_owner_note under the lock of the class.
 */
#ifndef TP_OWNER_H
#define TP_OWNER_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/heap/pagemap.h"
#include "shim/heap/slab_list.h"

/* There is an owner of this number from now on; TP_PAGEMAP_NO_OWNER is none. */
void tp_owner_note(unsigned owner);

/* All owners that have been noted are below it. */
unsigned tp_owner_count(void);

/* The lists of an owner; @unowned for TP_PAGEMAP_NO_OWNER. */
struct tp_slab_lists *tp_owner_lists(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned owner);

/* The lists of a owned class one after the other: @place counts from 0, where @unowned are, up to NULL. */
struct tp_slab_lists *tp_owner_lists_at(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned place);

/*
 * Make @owner that of a slab that another can do without, in whose lists it then is.
 * @is_large: memory counts for more than lines that two CPUs write to.
 * Returns its granule plus one, or TP_SLAB_LIST_NO_SLAB where there is none.
 */
uint32_t tp_owner_adopt(struct tp_slab_lists *unowned, const struct tp_class *c, unsigned owner, bool is_large);

#endif

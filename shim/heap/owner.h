/*
 * Homes: which CPU the slabs of a homed class are for, and which slab one can do without.
 *
 * Owns the bins of homes; those of the slabs that have none are the caller's, as for
 * every other class. All but tp_home_note under the lock of the class.
 */
#ifndef TP_HOME_H
#define TP_HOME_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/heap/pagemap.h"
#include "shim/heap/slab_list.h"

/* There is a home of this number from now on; TP_PAGEMAP_NO_OWNER is none. */
void tp_home_note(unsigned home);

/* All homes that have been noted are below it. */
unsigned tp_home_count(void);

/* The bins of a home; @homeless for TP_PAGEMAP_NO_OWNER. */
struct tp_bins *tp_home_bins(struct tp_bins *homeless, const struct tp_class *c, unsigned home);

/* The bins of a homed class one after the other: @place counts from 0, where @homeless are, up to NULL. */
struct tp_bins *tp_home_bins_at(struct tp_bins *homeless, const struct tp_class *c, unsigned place);

/*
 * Make @home that of a slab that another can do without, in whose bins it then is.
 * @is_large: memory counts for more than lines that two CPUs write to.
 * Returns its granule plus one, or TP_BIN_NO_SLAB where there is none.
 */
uint32_t tp_home_adopt(struct tp_bins *homeless, const struct tp_class *c, unsigned home, bool is_large);

#endif

/*
 * Slab records by number: which are free, and which slab has which.
 *
 * They are numbered and packed, not spread like the slabs they describe: those of
 * large objects would each have a page to themselves. Owns the list of free numbers
 * and one short lock. Any thread may call, holding no lock but a fork's.
 */
#ifndef TP_RECORD_H
#define TP_RECORD_H

#include <stdint.h>

#include "shim/heap/region.h"

/* Make the first records usable, while there is room: under a limit, large blocks may leave none for them. */
void tp_record_start(void);

/* A record of its own, as its last owner left it, for the slab at @granule. Returns NULL when there is no memory. */
void *tp_record_take(uint32_t granule);

void tp_record_give(uint32_t granule);

/* The record of the slab at @granule, which has one. */
static inline void *tp_record_of(uint32_t granule)
{
	return tp_region_record(*tp_region_slab_number(granule));
}

void tp_record_lock(void);
void tp_record_unlock(void);
void tp_record_reset_lock(void);

#endif

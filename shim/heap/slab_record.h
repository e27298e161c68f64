/*
 * Slab records: which numbers are free, and which slab has which number.
 *
 * The records are numbered and packed, and not laid out beside the slabs that they describe: after 200 MiB came
 * and went, a process then keeps 2.8 MiB instead of 4.6. Owns the memory of the records, the list of free numbers
 * and one short lock. Any thread may call that holds no lock but a turn's; fork takes it.
 */
#ifndef TP_SLAB_RECORD_H
#define TP_SLAB_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/lock.h"
#include "shim/heap/pagemap.h"

/* Where the records lie. For the inline functions below. Written when the region is reserved. */
#pragma GCC visibility push(hidden)
extern unsigned char *tp_slab_record_first;
extern size_t tp_slab_record_stride; /* bytes from one record to the next */
#pragma GCC visibility pop

/*
 * Have records of @record_bytes from @start to @end, addresses that are reserved and not yet usable: one for each
 * granule. Called by the region.
 */
void tp_slab_record_place(unsigned char *start, uintptr_t end, size_t record_bytes);

/* Unmap the records beyond @granules. Called by the region, which has shrunk. */
void tp_slab_record_shrink(size_t granules);

/*
 * Make the @count records from the number @first on usable, or fewer at the end: there is one for each granule.
 * Returns false if there is none from @first on, or no memory.
 */
bool tp_slab_record_use(size_t first, size_t count);

/* Make the first records usable during start: under a limit, large blocks may leave no memory for them later. */
void tp_slab_record_start(void);

/*
 * Take a record for the slab at @granule, and enter its number in the pagemap.
 * Returns the record, with whatever the last slab left in it, or NULL if there is no memory.
 */
void *tp_slab_record_take(uint32_t granule);

/* Give the record of the slab at @granule back. */
void tp_slab_record_give(uint32_t granule);

/* Return the record of a number. */
static inline void *tp_slab_record_at(size_t number)
{
	return tp_slab_record_first + number * tp_slab_record_stride;
}

/* Return the record of the slab that begins at @granule. */
static inline void *tp_slab_record_of(uint32_t granule)
{
	return tp_slab_record_at(*tp_pagemap_word(granule));
}

/* The lock of the free numbers. For fork. */
extern struct tp_lock tp_slab_record_lock;

#endif

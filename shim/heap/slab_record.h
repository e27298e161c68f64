/*
 * Slab records by number: which numbers are free, and which slab has which.
 *
 * The records are numbered and packed, and not laid out beside the slabs that they describe: after 200 MiB came
 * and went, a process then keeps 2.8 MiB instead of 4.6. Owns the memory of the records, the list of free numbers
 * and one short lock. Any thread may call, holding no lock but a fork's.
 */
#ifndef TP_SLAB_RECORD_H
#define TP_SLAB_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/lock.h"
#include "shim/heap/pagemap.h"

/* Where the records lie, for the functions below. Written when the region is reserved. */
#pragma GCC visibility push(hidden)
extern unsigned char *tp_slab_record_first;
extern size_t tp_slab_record_stride; /* bytes from one record to the next */
#pragma GCC visibility pop

/* Have records of @record_bytes from @start on: reserved, not yet usable, one for each granule. Called by the region. */
void tp_slab_record_place(unsigned char *start, size_t record_bytes);

/* Unmap the records beyond @granules, up to @end. Called by the region, which has shrunk. */
void tp_slab_record_shrink(size_t granules, uintptr_t end);

/*
 * Make the @count records from the number @first on usable, as far as there are any: one for each granule.
 * Returns false where there is none, or no memory.
 */
bool tp_slab_record_use(size_t first, size_t count);

/* Make the first records usable while there is memory: under a limit, large blocks may leave none for them. */
void tp_slab_record_start(void);

/*
 * Take a record for the slab at @granule, and enter its number in the pagemap.
 * Returns the record, as its last owner left it, or NULL when there is no memory.
 */
void *tp_slab_record_take(uint32_t granule);

/* Give the record of the slab at @granule back. */
void tp_slab_record_give(uint32_t granule);

/* The record of a number. */
static inline void *tp_slab_record_at(size_t number)
{
	return tp_slab_record_first + number * tp_slab_record_stride;
}

/* The record of the slab at @granule, which has one. */
static inline void *tp_slab_record_of(uint32_t granule)
{
	return tp_slab_record_at(*tp_pagemap_word(granule));
}

/* Of the list of free numbers. For fork. */
extern struct tp_lock tp_slab_record_lock;

#endif

/*
 * The pagemap: what is known of each granule of the region.
 *
 *   class map   1 byte a granule: the class of the slab that covers the granule; 0: a large block, or nothing
 *   owner map   1 byte a granule: the owner of that slab plus one; 0: none
 *   words       4 bytes a granule: for a slab's first granule the number of its record (slab_record.h), for a
 *               span's first granule what span.c keeps of it
 *   routes      1 byte a granule and owner: the number of the stack on which a CPU of that owner puts
 *               what it frees (policy/class.h)
 *
 * An owner is a CPU's number modulo TP_PAGEMAP_OWNERS. The slabs of small objects have an owner (owner.h). Routes save
 * the hot path of free a test: the stack is one load away, whether the object stays on this CPU or goes back to its
 * owner. Without routes to remote stacks xmalloc takes 1.55 and larson 1.10 of the CPU time, and the patterns of the
 * suite 1.04 of the time in the mean (2 CPUs, 9 alternating rounds).
 *
 * A map grows with the region, and costs a page for each 256 MiB. Any thread may read; a slab's entries are
 * written under the lock of its class, or before any other thread knows the slab. No function waits for a lock.
 */
#ifndef TP_PAGEMAP_H
#define TP_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/heap/region.h"

#define TP_PAGEMAP_OWNERS 32U
#define TP_PAGEMAP_NO_OWNER TP_PAGEMAP_OWNERS

/* Where the owner map and the words lie. For the inline functions below. Written when the region is reserved. */
#pragma GCC visibility push(hidden)
extern const uint8_t *tp_pagemap_owners;
extern uint32_t *tp_pagemap_words;
#pragma GCC visibility pop

/* Return the bytes that the maps and words of @granules take, in whole pages. */
size_t tp_pagemap_bytes(size_t granules);

/* Lay the maps of @granules out at @start, a range that is reserved and not yet usable. Called by the region. */
void tp_pagemap_place(unsigned char *start, size_t granules);

/* Make the entries of the first @count granules usable in every map. Returns false if there is no memory for them. */
bool tp_pagemap_grow(size_t count);

/* Unmap the pages that the maps need only for granules from @granules on. Called by the region, which has shrunk. */
void tp_pagemap_shrink(size_t granules);

/* Return a number of granules that is above every granule committed so far, and for which every map has entries. */
size_t tp_pagemap_granule_count(void);

/*
 * Enter the class and the owner of a slab that covers @count granules from @granule on: in the maps, and in the routes
 * of every owner whose routes have begun. Class 0 with TP_PAGEMAP_NO_OWNER: there is no slab any more. @rows: the
 * table of classes. Threads: under the lock of the class, or while no other thread knows the slab.
 */
void tp_pagemap_set_slab(
    const struct tp_class *rows, size_t granule, size_t count, unsigned class_index, unsigned owner);

/*
 * Begin the routes of @owner: tp_pagemap_set_slab writes them from now on.
 * Returns false if there is no memory for the routes. Threads: any.
 */
bool tp_pagemap_begin_routes(unsigned owner);

/*
 * Complete the routes of @owner, which have begun, with the slabs that were there before. A CPU may use them then.
 * Does nothing at the second call. Threads: one call at a time; other threads may enter slabs meanwhile.
 */
void tp_pagemap_complete_routes(const struct tp_class *rows, unsigned owner);

/* Return the routes of @owner: a stack's number for each granule. Usable after they have begun. */
int8_t *tp_pagemap_routes(unsigned owner);

/* Return the owners whose routes have begun, a bit each. */
uint32_t tp_pagemap_routed_owners(void);

/* Return the class of the object at an address of the region, or 0 if no slab lies there. */
static inline unsigned tp_pagemap_class(const void *address)
{
	return tp_hot_class_map[tp_region_granule(address)];
}

/* Return the owner of a granule, or TP_PAGEMAP_NO_OWNER. A hint: another owner may take the slab over. */
static inline unsigned tp_pagemap_granule_owner(size_t granule)
{
	uint8_t entry = __atomic_load_n(&tp_pagemap_owners[granule], __ATOMIC_RELAXED); /* one load, as it may change */

	return entry ? entry - 1U : TP_PAGEMAP_NO_OWNER;
}

/* Return the owner of the object at an address of the region. A hint, as above. */
static inline unsigned tp_pagemap_owner(const void *address)
{
	return tp_pagemap_granule_owner(tp_region_granule(address));
}

/* Return the word of a granule, for the slab or the span that begins there. */
static inline uint32_t *tp_pagemap_word(size_t granule)
{
	return &tp_pagemap_words[granule];
}

#endif

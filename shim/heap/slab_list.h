/*
 * Slab lists: the slabs of a class that have free objects, by how full they are.
 *
 * A link is a slab's first granule plus one, or TP_SLAB_LIST_NO_SLAB, which is 0: so lists that were never used are
 * zeroes, and take no page. Owns no data: the lists and the slabs in them belong to a class, whose lock the caller
 * holds.
 */
#ifndef TP_SLAB_LIST_H
#define TP_SLAB_LIST_H

#include <stdint.h>

#include "policy/class.h"
#include "shim/heap/slab_record.h"

#define TP_SLAB_WORD_BITS 64U /* objects that one word of free_bits is for */
#define TP_SLAB_WORD_COUNT (4096U / TP_SLAB_WORD_BITS) /* for 64 KiB of objects of 16 bytes */
#define TP_SLAB_LIST_NO_SLAB 0U /* the link to no slab */

/*
 * The lists of a class. Lists 0 to 3: up to one, two, three, four quarters of a slab's objects are free, but not all.
 * TP_SLAB_LIST_EMPTY: all are free. TP_SLAB_LIST_NONE: the slab is in no list, as no object is free, or as the slab is
 * about to be released. Objects are taken from the lowest list that has a slab.
 */
enum { TP_SLAB_LIST_EMPTY = 4, TP_SLAB_LIST_COUNT, TP_SLAB_LIST_NONE = TP_SLAB_LIST_COUNT };

/* The record of a slab (slab_record.h). */
struct tp_slab {
	uint32_t next, previous; /* links to the neighbours in the list */
	uint32_t chunk; /* the number of the slab's chunk; slab.c has one for a slab in no chunk */
	uint16_t free_count; /* objects that are free */
	uint16_t list_end; /* from this free count on the slab belongs to another list */
	uint8_t class_index;
	uint8_t list; /* which one the slab is in, or TP_SLAB_LIST_NONE */
	uint8_t owner; /* whose lists the slab is in (owner.h), or TP_PAGEMAP_NO_OWNER */
	uint8_t first_word; /* no word of free_bits before this one has a bit set */
	uint16_t idle_bits; /* objects that have been free since the last look (slab_bitmap.h) */
	uint16_t purged_bits; /* free objects that have no pages (slab_bitmap.h) */
	uint64_t free_bits[TP_SLAB_WORD_COUNT]; /* a bit for each object, set if the object is free */
};

/* The lists of a class, or of one owner of an owned class. */
struct tp_slab_lists {
	uint32_t first[TP_SLAB_LIST_COUNT]; /* a link to the first slab of each */
};

/* Return the record of the slab that begins at @granule. */
static inline struct tp_slab *tp_slab_at(uint32_t granule)
{
	return tp_slab_record_of(granule);
}

/* Move the slab at @granule to the list for its free count, if it is not there already. */
void tp_slab_list_relink(struct tp_slab_lists *lists, const struct tp_class *c, uint32_t granule);

/* Remove a slab from its list, if it is in one. */
void tp_slab_list_remove(struct tp_slab_lists *lists, struct tp_slab *slab);

#endif

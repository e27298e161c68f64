/*
 * Lists: the slabs of a class that have free objects, by how full they are.
 *
 * Owns no data: lists and the slabs in them belong to a class, whose lock the caller
 * holds. Links and lists hold a slab's granule plus one, or TP_SLAB_LIST_NO_SLAB: so lists
 * that are not used are nothing but zeroes, and take no page.
 */
#ifndef TP_SLAB_LIST_H
#define TP_SLAB_LIST_H

#include <stdint.h>

#include "policy/class.h"
#include "shim/heap/slab_record.h"

#define TP_SLAB_WORD_BITS 64U
#define TP_SLAB_WORD_COUNT (4096U / TP_SLAB_WORD_BITS) /* 64 KiB of 16-byte objects */
#define TP_SLAB_LIST_NO_SLAB 0U

/* By how many are free: the fullest are used first, the empty ones last. */
enum { TP_SLAB_LIST_EMPTY = 4, TP_SLAB_LIST_COUNT, TP_SLAB_LIST_NONE = TP_SLAB_LIST_COUNT };

/* What there is to know of a slab: one bit an object, set where it is free. */
struct tp_slab {
	uint32_t next, previous; /* links to the neighbours in the list */
	uint32_t chunk; /* the number to give its memory back with: the slabs' affair */
	uint16_t free_count;
	uint16_t list_end; /* with so many free it belongs to another list */
	uint8_t class_index;
	uint8_t list;
	uint8_t owner; /* whose lists it is in: see slab.h */
	uint8_t first_word; /* no word before it has a free object */
	uint16_t idle_bits, purged_bits; /* of few and large objects: see bitmap.h */
	uint64_t free_bits[TP_SLAB_WORD_COUNT];
};

struct tp_slab_lists {
	uint32_t first[TP_SLAB_LIST_COUNT];
};

static inline struct tp_slab *tp_slab_at(uint32_t granule)
{
	return tp_slab_record_of(granule);
}

/* Move the slab at @granule to the list that its free count asks for. */
void tp_slab_list_relink(struct tp_slab_lists *lists, const struct tp_class *c, uint32_t granule);

/* Take a slab out of its list, if it is in one. */
void tp_slab_list_remove(struct tp_slab_lists *lists, struct tp_slab *slab);

#endif

/*
 * Bins: the slabs of a class that have free objects, by how full they are.
 *
 * Owns no data: bins and the slabs in them belong to a class, whose lock the caller
 * holds. Links and bins hold a slab's granule plus one, or TP_BIN_NO_SLAB: so bins
 * that are not used are nothing but zeroes, and take no page.
 */
#ifndef TP_BIN_H
#define TP_BIN_H

#include <stdint.h>

#include "policy/class.h"
#include "shim/heap/slab_record.h"

#define TP_BIN_WORD_BITS 64U
#define TP_BIN_WORD_COUNT (4096U / TP_BIN_WORD_BITS) /* 64 KiB of 16-byte objects */
#define TP_BIN_NO_SLAB 0U

/* By how many are free: the fullest are used first, the empty ones last. */
enum { TP_BIN_EMPTY = 4, TP_BIN_COUNT, TP_BIN_NONE = TP_BIN_COUNT };

/* What there is to know of a slab: one bit an object, set where it is free. */
struct tp_slab {
	uint32_t next, previous; /* links to the neighbours in the bin */
	uint32_t chunk; /* the number to give its memory back with: the slabs' affair */
	uint16_t free_count;
	uint16_t bin_end; /* with so many free it belongs to another bin */
	uint8_t class_index;
	uint8_t bin;
	uint8_t home; /* whose bins it is in: see slab.h */
	uint8_t first_word; /* no word before it has a free object */
	uint16_t idle_bits, purged_bits; /* of few and large objects: see bitmap.h */
	uint64_t free_bits[TP_BIN_WORD_COUNT];
};

struct tp_bins {
	uint32_t first[TP_BIN_COUNT];
};

static inline struct tp_slab *tp_bin_slab(uint32_t granule)
{
	return tp_slab_record_of(granule);
}

/* Move the slab at @granule to the bin that its free count asks for. */
void tp_bin_settle(struct tp_bins *bins, const struct tp_class *c, uint32_t granule);

/* Take a slab out of its bin, if it is in one. */
void tp_bin_remove(struct tp_bins *bins, struct tp_slab *slab);

#endif

/*
 * Slab bitmaps: which objects of a slab are free, and which of those are idle.
 *
 * A slab has one bit for each object, in address order. Objects are taken from the lowest address on. The functions
 * are inline, as they are most of what a miss and a flush cost. Owns no data: the caller holds the lock of the slab's
 * class.
 */
#ifndef TP_SLAB_BITMAP_H
#define TP_SLAB_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/heap/slab_list.h"

/* Only slabs of so many objects or fewer use idle_bits and purged_bits. */
#define TP_SLAB_BITMAP_IDLE_MAX 16U

/* Mark every object of a new slab free. @fresh: none of the slab's pages exists yet. */
static inline void tp_slab_bitmap_free_all(const struct tp_class *c, struct tp_slab *slab, bool fresh)
{
	uint32_t left = c->slab_objects;

	for (unsigned word = 0; left > 0; word++) {
		uint32_t here = left < TP_SLAB_WORD_BITS ? left : TP_SLAB_WORD_BITS;

		slab->free_bits[word] = here == TP_SLAB_WORD_BITS ? UINT64_MAX : (UINT64_C(1) << here) - 1;
		left -= here;
	}
	slab->free_count = (uint16_t)c->slab_objects;
	slab->first_word = 0;
	slab->idle_bits = 0;
	slab->purged_bits = fresh ? UINT16_MAX : 0;
}

/*
 * Take up to @count of the lowest free objects of the slab at @start, and write them before @end, downwards.
 * Returns how many.
 */
static inline size_t tp_slab_bitmap_take(
    const struct tp_class *c, struct tp_slab *slab, char *start, void **end, size_t count)
{
	size_t taken = 0;
	uint32_t word = slab->first_word;

	if (count > slab->free_count)
		count = slab->free_count;
	while (taken < count) {
		uint64_t bits = slab->free_bits[word];

		while (bits != 0 && taken < count) {
			uint32_t index = word * TP_SLAB_WORD_BITS + (uint32_t)__builtin_ctzll(bits);

			*--end = start + (size_t)index * c->object_bytes;
			bits &= bits - 1;
			taken++;
		}
		slab->free_bits[word] = bits;
		if (bits == 0 && taken < count)
			word++;
	}
	slab->first_word = (uint8_t)word;
	slab->free_count = (uint16_t)(slab->free_count - taken);
	slab->idle_bits &= (uint16_t)slab->free_bits[0];
	slab->purged_bits &= (uint16_t)slab->free_bits[0];
	return taken;
}

/* Mark the object at @offset bytes in the slab free. Returns NULL, or what is wrong with the object. */
static inline const char *tp_slab_bitmap_give(const struct tp_class *c, struct tp_slab *slab, uint32_t offset)
{
	uint32_t index = tp_class_object_index(c, offset), word = index / TP_SLAB_WORD_BITS;
	uint64_t bit = UINT64_C(1) << (index % TP_SLAB_WORD_BITS);

	if (index >= c->slab_objects || index * c->object_bytes != offset)
		return "is not the start of an object";
	if (slab->free_bits[word] & bit)
		return "was freed before";
	slab->free_bits[word] |= bit;
	if (word < slab->first_word)
		slab->first_word = (uint8_t)word;
	slab->free_count++;
	return NULL;
}

/*
 * Take out the objects that have pages and have been free since tp_slab_bitmap_mark_idle. Returns them, a bit each.
 * The slab has up to TP_SLAB_BITMAP_IDLE_MAX objects.
 */
static inline uint16_t tp_slab_bitmap_take_idle(struct tp_slab *slab)
{
	uint16_t bits = (uint16_t)(slab->free_bits[0] & slab->idle_bits & ~slab->purged_bits);

	slab->free_bits[0] &= ~(uint64_t)bits;
	slab->free_count = (uint16_t)(slab->free_count - __builtin_popcount(bits));
	return bits;
}

/* Remember which objects are free now. Returns whether any of them has pages. */
static inline bool tp_slab_bitmap_mark_idle(struct tp_slab *slab)
{
	slab->idle_bits = (uint16_t)slab->free_bits[0];
	return (slab->idle_bits & ~slab->purged_bits) != 0;
}

/* Mark the objects of @bits free again, without pages. */
static inline void tp_slab_bitmap_give_purged(struct tp_slab *slab, uint16_t bits)
{
	slab->free_bits[0] |= bits;
	slab->free_count = (uint16_t)(slab->free_count + __builtin_popcount(bits));
	slab->purged_bits |= bits;
	slab->first_word = 0;
}

#endif

/*
 * Size classes: which object size serves a request of N bytes.
 *
 * Pure arithmetic on numbers; owns no data, may be called from anywhere.
 * Spacing: every 16 bytes up to 256, then six steps a doubling (18, 20, 22, 25,
 * 28 and 32 sixteenths), so that no request over 128 bytes wastes more than
 * 12.5 % of the object it gets. Class 0 is "not pooled".
 */
#ifndef TP_POLICY_CLASS_H
#define TP_POLICY_CLASS_H

#include <stddef.h>
#include <stdint.h>

#define TP_CLASS_COUNT 65U /* 64 pooled classes and class 0 */
#define TP_CLASS_GRAIN_SHIFT 4U /* sizes are multiples of 16 bytes */
#define TP_CLASS_MAX_BYTES 65536U /* the largest pooled size */
#define TP_CLASS_INDEX_COUNT ((TP_CLASS_MAX_BYTES >> TP_CLASS_GRAIN_SHIFT) + 1U)
#define TP_CLASS_CAPACITY_MAX 511U /* one page of slots less the sentinel */
#define TP_CLASS_BATCH_MAX 256U /* objects that one slow path moves */

/* What a class is. Read-only after tp_class_build. */
struct tp_class {
	uint32_t object_bytes; /* 0 for class 0 */
	uint32_t slab_bytes; /* 64 KiB, or 256 KiB above 8 KiB */
	uint32_t slab_objects; /* objects a slab holds */
	uint16_t capacity; /* objects one CPU's stack holds */
	uint16_t refill_count; /* objects a miss takes from the slabs */
	uint64_t reciprocal; /* ceil(2^40 / object_bytes) */
};

struct tp_classes {
	struct tp_class row[TP_CLASS_COUNT];
	uint8_t of_grain[TP_CLASS_INDEX_COUNT]; /* class of (bytes + 15) / 16 */
};

/*
 * Fill @classes with the default classes.
 */
void tp_class_build(struct tp_classes *classes);

/*
 * Find the smallest class whose objects hold @bytes at a multiple of @alignment.
 * Arguments: bytes up to PTRDIFF_MAX; alignment a power of two.
 * Returns the class, or 0 when no pooled class does.
 */
unsigned tp_class_aligned(const struct tp_classes *classes, size_t bytes, size_t alignment);

/*
 * Divide @offset_bytes within a slab by the class's object size.
 * Exact for offsets below 2^24: the reciprocal's error stays under one part.
 */
static inline uint32_t tp_class_object_index(const struct tp_class *c, uint32_t offset_bytes)
{
	return (uint32_t)((offset_bytes * c->reciprocal) >> 40);
}

#endif

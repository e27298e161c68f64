/*
 * What the tests of slabs share: a region to take them from, and one object at a time.
 */
#ifndef TEST_SLABS_H
#define TEST_SLABS_H

#include <criterion/criterion.h>

#include "shim/heap/pagemap.h"
#include "shim/heap/region.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"

#define SLABS_REGION_BYTES ((size_t)1 << 30)
#define CLASS_16 1U
#define CLASS_48 3U /* 48 bytes, 1365 a slab and 16 bytes over */
#define CLASS_64 4U /* 64 bytes, 1024 a slab */
#define CLASS_MAX 64 /* 64 KiB, 4 a slab */

static inline void slabs_start(void)
{
	cr_assert_eq(tp_region_reserve(SLABS_REGION_BYTES, tp_slab_record_bytes()), SLABS_REGION_BYTES);
	tp_class_build(&tp_classes, 65536, TP_ZERO_OFF);
	tp_slab_start();
}

static inline const struct tp_class *class_at(unsigned class_index)
{
	return &tp_classes.row[class_index];
}

static inline struct tp_slab_counts counts_of(unsigned class_index)
{
	struct tp_slab_counts counts;

	tp_slab_read_counts(class_index, &counts);
	return counts;
}

/* The address of the slab that @object lies in. */
static inline uintptr_t slab_of(unsigned class_index, const void *object)
{
	return (uintptr_t)object & ~(uintptr_t)(class_at(class_index)->slab_bytes - 1);
}

static inline void *take_one(unsigned class_index)
{
	void *object = NULL;

	cr_assert_eq(tp_slab_take(class_index, TP_PAGEMAP_NO_OWNER, &object, 1, TP_SLAB_GET), 1);
	return object;
}

static inline void give_one(unsigned class_index, void *object)
{
	tp_slab_give(class_index, &object, 1, TP_SLAB_DROP);
}

#endif

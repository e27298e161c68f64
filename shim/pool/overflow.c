/* An overflow: its arrays. See overflow.h. */
#include "shim/pool/overflow.h"

#include <string.h>

#include "shim/heap/size_classes.h"

size_t tp_overflow_bytes(void)
{
	return tp_classes.count * TP_CLASS_OVERFLOW_MAX * sizeof(void *);
}

/* The first free slot of a class. */
static void **end_of(struct tp_overflow *overflow, unsigned class_index)
{
	return overflow->slots + class_index * TP_CLASS_OVERFLOW_MAX + tp_overflow_depth(overflow, class_index);
}

static void set_depth(struct tp_overflow *overflow, unsigned class_index, size_t depth)
{
	atomic_store_explicit(&overflow->depths[class_index], (uint16_t)depth, memory_order_relaxed);
}

size_t tp_overflow_put(struct tp_overflow *overflow, unsigned class_index, void *const *objects, size_t count)
{
	size_t depth = tp_overflow_depth(overflow, class_index);
	size_t room = tp_classes.row[class_index].overflow_capacity - depth;

	if (count > room)
		count = room;
	memcpy(end_of(overflow, class_index), objects, count * sizeof *objects);
	set_depth(overflow, class_index, depth + count);
	return count;
}

size_t tp_overflow_take(struct tp_overflow *overflow, unsigned class_index, void **objects, size_t count)
{
	size_t depth = tp_overflow_depth(overflow, class_index);

	if (count > depth)
		count = depth;
	memcpy(objects, end_of(overflow, class_index) - count, count * sizeof *objects);
	set_depth(overflow, class_index, depth - count);
	return count;
}

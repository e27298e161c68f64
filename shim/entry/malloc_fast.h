/*
 * The hot path: class of a size, class of a pointer, one section.
 *
 *   malloc: compare, table load, section (pop)
 *   free:   subtract, compare, map load, section (push)
 */
#ifndef TP_MALLOC_FAST_H
#define TP_MALLOC_FAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/arch/rseq.h"
#include "shim/base/compiler.h"
#include "shim/base/hot.h"
#include "shim/heap/region.h"
#include "shim/heap/size_classes.h"

/*
 * Pop an object for @bytes off this CPU's stack.
 * Returns NULL when the slow path has to answer. Cost: 23 instructions.
 */
static inline void *tp_malloc_fast(size_t bytes)
{
	if (TP_UNLIKELY(bytes > TP_CLASS_BYTES_LIMIT))
		return NULL;
	return tp_rseq_pop(tp_classes.of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT]);
}

/* Whether a pooled object for @bytes is clear as it comes. */
static inline bool tp_malloc_is_clear(size_t bytes)
{
	return tp_classes.row[tp_classes.of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT]].zero == TP_ZERO_PUT;
}

/* Bytes of the object that @block is; 0 where it is none of those: NULL, large, foreign, or of a class whose puts are slow. */
static inline size_t tp_malloc_object_bytes(const void *block)
{
	uintptr_t offset = (uintptr_t)block - tp_hot_region_base;

	if (offset >= tp_hot_region_bytes)
		return 0;
	const struct tp_class *c = &tp_classes.row[tp_hot_class_map[offset >> TP_REGION_GRANULE_SHIFT]];
	return c->slow_put ? 0 : c->object_bytes;
}

/*
 * Push @block on this CPU's stack of its class; on that of the remotes, where its slab is
 * another CPU's. Returns false when the slow path has to answer, also for NULL.
 * Cost: 24 instructions.
 */
static inline bool tp_free_fast(void *block)
{
	uintptr_t offset = (uintptr_t)block - tp_hot_region_base;

	if (TP_UNLIKELY(offset >= tp_hot_region_bytes))
		return false;
	return tp_rseq_put(offset >> TP_REGION_GRANULE_SHIFT, block);
}

#endif

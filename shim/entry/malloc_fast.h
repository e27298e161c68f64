/*
 * The hot path of malloc and free, before and after the section (arch/x86_64/rseq_fast.h).
 *
 *	malloc(bytes)                                   free(block)
 *	  bytes over the largest size: slow               offset = block - region; outside: slow
 *	  class = of_grain[(bytes + 15) / 16]             granule = offset / 64 KiB
 *	  pop the stack of the class                      push on the stack that routes[granule] names
 *	  empty or closed: slow                           full or closed: slow
 *
 * No test asks for the policy, a profile or a turn of the generations: whatever has to be noticed closes stacks, and
 * the slow path notices. Owns no data. Any thread may call, at any time after relocation.
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

/* Return the class that serves @bytes, at most TP_CLASS_BYTES_LIMIT: plus TP_CLASS_SLOW_GET if its stacks are closed. */
static inline unsigned tp_malloc_class(size_t bytes)
{
	return tp_classes.of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT];
}

/*
 * Pop an object for @bytes off this CPU's stack.
 * Returns NULL if the slow path has to answer. Cost: 23 instructions.
 */
static inline void *tp_malloc_fast(size_t bytes)
{
	return TP_UNLIKELY(bytes > TP_CLASS_BYTES_LIMIT) ? NULL : tp_rseq_pop(tp_malloc_class(bytes));
}

/*
 * Return the bytes of the object that @block is. 0: it is NULL, a large block, another allocator's, or of a class
 * whose puts are slow.
 */
static inline size_t tp_malloc_object_bytes(const void *block)
{
	uintptr_t offset = (uintptr_t)block - tp_hot_region_base;

	if (offset >= tp_hot_region_bytes)
		return 0;
	const struct tp_class *c = &tp_classes.row[tp_hot_class_map[offset >> TP_REGION_GRANULE_SHIFT]];
	return c->slow_put ? 0 : c->object_bytes;
}

/*
 * Push @block on this CPU's stack of its class, or of the class's remote objects if another CPU owns its slab.
 * Returns false if the slow path has to answer, also for NULL. Cost: 24 instructions.
 */
static inline bool tp_free_fast(void *block)
{
	/* Of a block below the region the offset wraps, and is too large as well. */
	uintptr_t offset = (uintptr_t)block - tp_hot_region_base;

	if (TP_UNLIKELY(offset >= tp_hot_region_bytes))
		return false;
	return tp_rseq_put(offset >> TP_REGION_GRANULE_SHIFT, block);
}

#endif

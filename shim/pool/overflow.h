/*
 * An overflow: what the full stacks of one CPU gave up, in one generation, for any CPU to take.
 *
 * Each class has an array that grows and shrinks at its end. Every function but tp_overflow_depth is called under the
 * overflow's lock. Owns no data.
 */
#ifndef TP_OVERFLOW_H
#define TP_OVERFLOW_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/base/lock.h"

struct tp_overflow {
	_Alignas(64) struct tp_lock lock; /* a line of its own: every CPU may take it */
	void **slots; /* TP_CLASS_OVERFLOW_MAX for each class */
	_Atomic uint16_t depths[TP_CLASS_SLOW_GET]; /* objects of each class; written under the lock */
};

/* Return the bytes that the slots of one overflow take. */
size_t tp_overflow_bytes(void);

/* Put up to @count objects of a class, or take up to @count of the newest, oldest of them first. Returns how many. */
size_t tp_overflow_put(struct tp_overflow *overflow, unsigned class_index, void *const *objects, size_t count);
size_t tp_overflow_take(struct tp_overflow *overflow, unsigned class_index, void **objects, size_t count);

/* Return how many objects of a class it holds. Exact under the lock, a hint without it. */
static inline size_t tp_overflow_depth(struct tp_overflow *overflow, unsigned class_index)
{
	return atomic_load_explicit(&overflow->depths[class_index], memory_order_relaxed);
}

#endif

/*
 * An overflow: what a CPU's full stacks gave up, for any CPU to take.
 *
 * Of each class an array that grows and shrinks at its end. All of it under the lock,
 * but for tp_overflow_depth. Owns no data.
 */
#ifndef TP_OVERFLOW_H
#define TP_OVERFLOW_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/base/lock.h"

struct tp_overflow {
	_Alignas(64) struct tp_lock lock;
	void **slots; /* TP_CLASS_OVERFLOW_MAX of each class */
	_Atomic uint16_t depths[TP_CLASS_SLOW_GET];
};

/* Bytes of the slots of one. */
size_t tp_overflow_bytes(void);

/* Put or take the newest. Returns how many. */
size_t tp_overflow_put(struct tp_overflow *overflow, unsigned class_index, void *const *objects, size_t count);
size_t tp_overflow_take(struct tp_overflow *overflow, unsigned class_index, void **objects, size_t count);

/* Objects of a class in it. Exact under the lock, else a hint. */
static inline size_t tp_overflow_depth(struct tp_overflow *overflow, unsigned class_index)
{
	return atomic_load_explicit(&overflow->depths[class_index], memory_order_relaxed);
}

#endif

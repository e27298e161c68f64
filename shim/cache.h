/*
 * A cache: for each class a stack of free objects and one header word.
 *
 *   word 0..127   headers   | ops (48 bits) | slot index (16 bits) |
 *                 the last one is that of the strays (stray.h)
 *   word 128..255 headers that stay closed: what a barred class number meets
 *   word 256..510 lock, whether it is a victim, the stacks of kinds, the bottoms, unused
 *   word 511      NULL: what a closed class "pops"
 *   word 512 * c .. 512 * c + 511   slots of class c; behind the last class, of the strays
 *
 *        512c          bottom                slot            512(c+1)
 *         |  untouched  | NULL | obj | obj | obj | free ...   |
 *
 * A push adds 1 + 2^16 to the header, a pop -1 + 2^16. Full: slot is a multiple
 * of 512. Empty: the value below slot is NULL. Closed: slot is 512 itself.
 *
 * Sections work on the stacks of the primary generation (stack.h); here is what is
 * done to a cache under its lock. Owns no data.
 */
#ifndef TP_CACHE_H
#define TP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/lock.h"
#include "shim/region.h"

#define TP_CACHE_STRIDE 512U
#define TP_CACHE_CLOSED ((uint64_t)TP_CACHE_STRIDE)
#define TP_CACHE_SLOT_MASK UINT64_C(0xffff)

struct tp_cache {
	_Atomic uint64_t headers[TP_CLASS_BARRED];
	uint64_t barred_headers[TP_CLASS_BARRED];
	struct tp_lock lock;
	_Atomic uint32_t victim; /* under the lock: 1 while others may take from it */
	uint8_t stack_of_kind[TP_REGION_KINDS]; /* where a put goes: to its class, barred or not, or to the strays */
	_Atomic uint16_t
	    bottoms[TP_CLASS_BARRED]; /* under the lock: the lowest slot in use; of a closed class the stride */
	void *_Atomic rest[TP_CACHE_STRIDE - 2 * TP_CLASS_BARRED - 1 - TP_REGION_KINDS / 8 - TP_CLASS_BARRED / 4];
	void *_Atomic slots[]; /* TP_CACHE_STRIDE of each class but class 0, and of the strays */
};

/* Bytes of a cache with the classes that there are. */
size_t tp_cache_bytes(void);

/*
 * Make a cache of CPU @number of zeroes, every class closed. Before that it is empty, and none may be put on it;
 * most caches of a generation that is not yet primary never are.
 */
void tp_cache_init(struct tp_cache *cache, unsigned number);

/* Whether that has been done. */
bool tp_cache_has_begun(struct tp_cache *cache);

/* The slot behind the last one of a stack: it is full there. */
unsigned tp_cache_end(unsigned class_index);

/* For a cache that no section works on; the caller holds its lock. Put or take the newest; returns how many. */
size_t tp_cache_put(struct tp_cache *cache, unsigned class_index, void *const *objects, size_t count);
size_t tp_cache_take(struct tp_cache *cache, unsigned class_index, void **objects, size_t count);

/* Objects in a stack, and how many it has slots for. Exact under the cache's lock, else hints. */
size_t tp_cache_depth(struct tp_cache *cache, unsigned class_index);
size_t tp_cache_capacity(struct tp_cache *cache, unsigned class_index);

/*
 * Close the empty stacks of a sealed cache. Under its lock. Calls @fold for each
 * class with the operations its header counted.
 */
void tp_cache_close(struct tp_cache *cache, void (*fold)(unsigned class_index, uint64_t operations));

static inline uint64_t tp_cache_header(struct tp_cache *cache, unsigned class_index)
{
	return atomic_load_explicit(&cache->headers[class_index], memory_order_relaxed);
}

static inline void tp_cache_set_header(struct tp_cache *cache, unsigned class_index, uint64_t header)
{
	atomic_store_explicit(&cache->headers[class_index], header, memory_order_relaxed);
}

static inline void *_Atomic *tp_cache_slot(struct tp_cache *cache, uint64_t header)
{
	return (void *_Atomic *)cache + (header & TP_CACHE_SLOT_MASK);
}

static inline unsigned tp_cache_bottom(struct tp_cache *cache, unsigned class_index)
{
	return atomic_load_explicit(&cache->bottoms[class_index], memory_order_relaxed);
}

#endif

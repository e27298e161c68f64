/*
 * A cache: for each class a stack of free objects and one header word, for the owned ones another of remotes (remote.h).
 *
 *   word 0        the routes: on which stack a put goes (route.h)
 *   word 1..63    headers   | ops (48 bits) | slot index (16 bits) |   of remotes
 *   word 64..191  headers of classes
 *   word 192..319 headers that stay closed: what a barred class number meets
 *   behind them   lock, whether it is a victim, where the stacks are
 *   behind them   a stack of no slots, which every closed one has: NULL, and its end
 *   behind them   areas: the slots of a stack between NULL and the word that is its end
 *
 *        | NULL | obj | obj | obj | free ... | end |
 *                bottom            slot
 *
 * A push adds 1 + 2^16 to the header, a pop -1 + 2^16. Full: the word at slot is the end.
 * Empty: the one below it is NULL. A stack that grows gets another area and moves there, so
 * that what small stacks there are lie side by side.
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
#include "shim/base/lock.h"
#include "shim/heap/region.h"

#define TP_CACHE_WORDS 65536U /* a slot's index has 16 bits; most are never touched */
#define TP_CACHE_BYTES (TP_CACHE_WORDS * sizeof(void *))
#define TP_CACHE_STACKS (TP_CLASS_OWNED_LIMIT - 1 + TP_CLASS_SLOW_GET)
#define TP_CACHE_WORDS_AHEAD 3U /* behind the end of an area, that a section may read */
#define TP_CACHE_AREA_SIZES 6U /* of 15 slots, 31, and so on, to 511 */
#define TP_CACHE_SLOT_MASK UINT64_C(0xffff)

struct tp_cache {
	const int8_t *routes;
	_Atomic uint64_t
	    headers[TP_CACHE_STACKS]; /* by a stack's number, from the lowest on; so are bottoms and capacities */
	uint64_t slow_headers[TP_CLASS_SLOW_GET];
	struct tp_lock lock;
	_Atomic uint32_t victim; /* under the lock: 1 while others may take from it */
	_Atomic uint16_t
	    bottoms[TP_CACHE_STACKS]; /* under the lock, as what follows: the lowest slot; of a closed stack its slot */
	_Atomic uint16_t capacities[TP_CACHE_STACKS]; /* slots; 0: closed */
	uint16_t free_areas[TP_CACHE_AREA_SIZES]; /* the first of each size, whose first word is the next; 0: none */
	uint32_t used_words; /* all behind them have never been in an area, since the cache was closed */
	void *_Atomic none[2]; /* the stack of no slots */
	void *_Atomic areas[];
};

#define TP_CACHE_CLOSED_SLOT (offsetof(struct tp_cache, none) / sizeof(void *) + 1)
#define TP_CACHE_CLOSED ((uint64_t)TP_CACHE_CLOSED_SLOT)

/*
 * Make a cache of zeroes, every stack closed, for the CPU that has these routes. Before that it is empty, and none may
 * be put on it; most caches of a generation that is not yet primary never are. One that stays closed needs no areas.
 */
void tp_cache_init(struct tp_cache *cache, const int8_t *routes);

/* Whether that has been done. */
bool tp_cache_has_begun(struct tp_cache *cache);

/*
 * Areas, under the lock. Take one for @capacity slots, empty, with its end behind them: returns the lowest of them,
 * 0 where there is no room for it. Give one back that no header points to.
 */
unsigned tp_cache_take_area(struct tp_cache *cache, unsigned capacity);
void tp_cache_give_area(struct tp_cache *cache, unsigned bottom, unsigned capacity);

/* Say where a stack is. Under the lock, before its header says it. */
void tp_cache_place(struct tp_cache *cache, int stack, unsigned bottom, unsigned capacity);

/* For a cache that no section works on; the caller holds its lock. Put or take the newest; returns how many. */
size_t tp_cache_put(struct tp_cache *cache, int stack, void *const *objects, size_t count);
size_t tp_cache_take(struct tp_cache *cache, int stack, void **objects, size_t count);

/*
 * Objects in a stack, and how many it has slots for. Exact under the cache's lock, else hints: of a stack that moves at
 * this moment the depth may be 0. Whether it is empty is exact where no section works on it.
 */
size_t tp_cache_depth(struct tp_cache *cache, int stack);
size_t tp_cache_capacity(struct tp_cache *cache, int stack);
bool tp_cache_is_empty(struct tp_cache *cache, int stack);

/*
 * Close the empty stacks of a sealed cache, if it has begun. Under its lock. Calls @fold for each
 * with the operations its header counted.
 */
void tp_cache_close(struct tp_cache *cache, void (*fold)(int stack, uint64_t operations));

static inline uint64_t tp_cache_header(struct tp_cache *cache, int stack)
{
	return atomic_load_explicit(&cache->headers[tp_class_stack_index(stack)], memory_order_relaxed);
}

static inline void tp_cache_set_header(struct tp_cache *cache, int stack, uint64_t header)
{
	atomic_store_explicit(&cache->headers[tp_class_stack_index(stack)], header, memory_order_relaxed);
}

static inline void *_Atomic *tp_cache_slot(struct tp_cache *cache, uint64_t header)
{
	return (void *_Atomic *)cache + (header & TP_CACHE_SLOT_MASK);
}

static inline unsigned tp_cache_bottom(struct tp_cache *cache, int stack)
{
	return atomic_load_explicit(&cache->bottoms[tp_class_stack_index(stack)], memory_order_relaxed);
}

#endif

/*
 * A cache: for each class a stack of free objects, and for each owned class another of remote objects (remote.h).
 *
 *   word 0        where the routes lie: on which stack a put goes (pagemap.h)
 *   word 1..63    headers of stacks of remotes   | operations (48 bits) | slot: a word's index (16 bits) |
 *   word 64..191  headers of the classes' stacks, alike
 *   word 192..319 headers that stay closed: the number of a slow get leads to them
 *   after these   the lock, whether the cache is a victim, where the stacks lie
 *   after these   two words, the stack without slots, which every closed header names: NULL and an end
 *   after these   areas; an area has the slots of one stack, after a word of NULL and before the end:
 *
 *        | NULL | obj | obj | obj | free ... | end |
 *                bottom            slot
 *
 * A push stores at the slot and adds 1 + 2^16 to the header; a pop adds -1 + 2^16. A stack is full if the word at its
 * slot is the end, and empty if the word before its slot is NULL; a closed stack is both. A stack that grows moves to
 * another area, so that small stacks, the usual ones, lie side by side.
 *
 * Sections work on the stacks of the primary generation (stack.h). Here is what is done to a cache under its lock.
 * Owns no data.
 */
#ifndef TP_CACHE_H
#define TP_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/base/lock.h"

#define TP_CACHE_WORDS 65536U /* a slot is a 16-bit index; most words are never touched, and take no memory */
#define TP_CACHE_BYTES (TP_CACHE_WORDS * sizeof(void *))
#define TP_CACHE_STACKS (TP_CLASS_OWNED_LIMIT - 1 + TP_CLASS_SLOW_GET)
#define TP_CACHE_WORDS_AHEAD 3U /* words after the end of an area that a section may read: it reads four at a time */
#define TP_CACHE_AREA_SIZES 6U /* areas of 15 slots, of 31, and so on, to 511 */
#define TP_CACHE_SLOT_MASK UINT64_C(0xffff)

/* The arrays of TP_CACHE_STACKS are indexed by tp_class_stack_index. */
struct tp_cache {
	const int8_t *routes;
	_Atomic uint64_t headers[TP_CACHE_STACKS]; /* written by sections; under the lock if no section works here */
	uint64_t slow_headers[TP_CLASS_SLOW_GET]; /* TP_CACHE_CLOSED, each of them */
	struct tp_lock lock; /* guards all that follows; readers without it get hints */
	_Atomic uint32_t victim; /* 1 while any thread may take objects under the lock; no thread puts any then */
	_Atomic uint16_t bottoms[TP_CACHE_STACKS]; /* the word of the lowest slot; TP_CACHE_CLOSED_SLOT: closed */
	_Atomic uint16_t capacities[TP_CACHE_STACKS]; /* slots; 0: closed */
	uint16_t free_areas[TP_CACHE_AREA_SIZES]; /* a list for each size: the area's first word is the next; 0: none */
	uint32_t used_words; /* no word from here on has been in an area since the cache was closed */
	void *_Atomic none[2]; /* the stack without slots */
	void *_Atomic areas[];
};

#define TP_CACHE_CLOSED_SLOT (offsetof(struct tp_cache, none) / sizeof(void *) + 1)
#define TP_CACHE_CLOSED ((uint64_t)TP_CACHE_CLOSED_SLOT) /* the header of a closed stack */

/*
 * Make a cache of zeroes: every stack closed, for a CPU with these routes. The cache has begun then. Before that it may
 * be read, and is empty. Most caches of a generation that has not been primary never begin, and take no memory.
 */
void tp_cache_init(struct tp_cache *cache, const int8_t *routes);

/* Return whether tp_cache_init has been called for the cache. */
bool tp_cache_has_begun(struct tp_cache *cache);

/*
 * Take an area for @capacity slots. The slots are empty, and the end is after them. The caller holds the lock.
 * Returns the word of the lowest slot; 0 when there is no room.
 */
unsigned tp_cache_take_area(struct tp_cache *cache, unsigned capacity);

/* Give an area back to which no header points. The caller holds the lock. */
void tp_cache_give_area(struct tp_cache *cache, unsigned bottom, unsigned capacity);

/*
 * Note where a stack's area is. The caller holds the lock, and changes the stack's header too. Until both are done, a
 * reader without the lock sees that they do not fit together.
 */
void tp_cache_place(struct tp_cache *cache, int stack, unsigned bottom, unsigned capacity);

/*
 * Put up to @count objects on a stack, or take up to @count of its newest, the oldest of them first. Returns how many.
 * The caller holds the lock, and no section works on the cache.
 */
size_t tp_cache_put(struct tp_cache *cache, int stack, void *const *objects, size_t count);
size_t tp_cache_take(struct tp_cache *cache, int stack, void **objects, size_t count);

/* Return how many objects a stack holds. A hint if sections work on it, and 0 if it moves while the caller looks. */
size_t tp_cache_depth(struct tp_cache *cache, int stack);

/* Return how many slots a stack has; 0: closed. Exact under the lock, a hint without it. */
size_t tp_cache_capacity(struct tp_cache *cache, int stack);

/* Return whether a stack holds no object. Exact if no section works on it, a hint otherwise. */
bool tp_cache_is_empty(struct tp_cache *cache, int stack);

/*
 * Close every stack of a drained cache, and forget its areas. Does nothing if the cache has not begun.
 * Calls @fold for each stack whose header has counted operations, with their number. The caller holds the lock.
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

/* Return the slot that a header names: the next push stores there. */
static inline void *_Atomic *tp_cache_slot(struct tp_cache *cache, uint64_t header)
{
	return (void *_Atomic *)cache + (header & TP_CACHE_SLOT_MASK);
}

/* Return the word of a stack's lowest slot. Exact under the lock, a hint without it. */
static inline unsigned tp_cache_bottom(struct tp_cache *cache, int stack)
{
	return atomic_load_explicit(&cache->bottoms[tp_class_stack_index(stack)], memory_order_relaxed);
}

#endif

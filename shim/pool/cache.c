/* A cache: its areas, and what is done to its stacks under its lock. See cache.h. */
#include "shim/pool/cache.h"

#include <stdatomic.h>

#include "shim/arch/rseq.h"

#define AREA_SLOTS(size) ((16U << (size)) - 1)
#define LOOKS 64 /* how often tp_cache_depth looks at a stack that moves */

#define STACK_0 (offsetof(struct tp_cache, headers) - TP_CLASS_STACK_MIN * (int)sizeof(uint64_t))

_Static_assert(offsetof(struct tp_cache, routes) == TP_CACHE_ROUTES, "assembly finds them there");
_Static_assert(STACK_0 == TP_CACHE_HEADERS, "assembly finds the header of stack 0 there");
_Static_assert(offsetof(struct tp_cache, slow_headers) == STACK_0 + TP_CLASS_SLOW_GET * sizeof(uint64_t),
    "the number of a slow get indexes headers as well");
_Static_assert(AREA_SLOTS(TP_CACHE_AREA_SIZES - 1) == TP_CLASS_CAPACITY_MAX,
    "the largest area has as many slots as a stack can have");

void tp_cache_place(struct tp_cache *cache, int stack, unsigned bottom, unsigned capacity)
{
	atomic_store_explicit(&cache->bottoms[tp_class_stack_index(stack)], (uint16_t)bottom, memory_order_relaxed);
	atomic_store_explicit(
	    &cache->capacities[tp_class_stack_index(stack)], (uint16_t)capacity, memory_order_relaxed);
}

static void close_stack(struct tp_cache *cache, int stack)
{
	tp_cache_set_header(cache, stack, TP_CACHE_CLOSED);
	tp_cache_place(cache, stack, TP_CACHE_CLOSED_SLOT, 0);
}

static void forget_areas(struct tp_cache *cache)
{
	cache->used_words = TP_CACHE_CLOSED_SLOT + 1;
	for (unsigned size = 0; size < TP_CACHE_AREA_SIZES; size++)
		cache->free_areas[size] = 0;
}

/* ---- areas */

/* The smallest size of areas that has @capacity slots. */
static unsigned size_for(unsigned capacity)
{
	unsigned size = 0;

	while (AREA_SLOTS(size) < capacity)
		size++;
	return size;
}

static void *_Atomic *word(struct tp_cache *cache, unsigned index)
{
	return (void *_Atomic *)cache + index;
}

static void set_word(struct tp_cache *cache, unsigned index, uintptr_t value)
{
	atomic_store_explicit(word(cache, index), (void *)value, memory_order_relaxed);
}

/* Take an area whose words may hold anything. Returns the index of its first word; 0 when there is no room. */
static unsigned find_area(struct tp_cache *cache, unsigned size)
{
	unsigned area = cache->free_areas[size];
	unsigned words = AREA_SLOTS(size) + 2; /* and the word of NULL and the end */

	if (area != 0) {
		cache->free_areas[size] =
		    (uint16_t)(uintptr_t)atomic_load_explicit(word(cache, area), memory_order_relaxed);
		return area;
	}
	if (words + TP_CACHE_WORDS_AHEAD > TP_CACHE_WORDS - cache->used_words)
		return 0;
	area = cache->used_words;
	cache->used_words += words;
	return area;
}

unsigned tp_cache_take_area(struct tp_cache *cache, unsigned capacity)
{
	unsigned area = find_area(cache, size_for(capacity));

	if (area == 0)
		return 0;
	/* The area may hold the end of a smaller stack that was here. A push would take it for this stack's end. */
	for (unsigned i = 0; i <= capacity; i++)
		set_word(cache, area + i, 0);
	set_word(cache, area + 1 + capacity, TP_STACK_END);
	return area + 1;
}

void tp_cache_give_area(struct tp_cache *cache, unsigned bottom, unsigned capacity)
{
	unsigned size = size_for(capacity);

	set_word(cache, bottom - 1, cache->free_areas[size]);
	cache->free_areas[size] = (uint16_t)(bottom - 1);
}

/* ---- the cache */

void tp_cache_init(struct tp_cache *cache, const int8_t *routes)
{
	cache->routes = routes;
	for (int i = TP_CLASS_STACK_MIN; i < (int)TP_CLASS_SLOW_GET; i++)
		close_stack(cache, i);
	for (unsigned i = 0; i < TP_CLASS_SLOW_GET; i++)
		cache->slow_headers[i] = TP_CACHE_CLOSED;
	set_word(cache, TP_CACHE_CLOSED_SLOT, TP_STACK_END);
	forget_areas(cache);
}

bool tp_cache_has_begun(struct tp_cache *cache)
{
	return tp_cache_bottom(cache, 0) != 0; /* stack 0 is always closed, and a closed stack's bottom is not 0 */
}

size_t tp_cache_depth(struct tp_cache *cache, int stack)
{
	for (int look = 0; look < LOOKS; look++) {
		uint64_t slot = tp_cache_header(cache, stack) & TP_CACHE_SLOT_MASK;
		unsigned bottom = tp_cache_bottom(cache, stack);

		if (slot >= bottom && slot <= bottom + tp_cache_capacity(cache, stack)) /* else it moves: look again */
			return slot - bottom;
	}
	return 0;
}

size_t tp_cache_capacity(struct tp_cache *cache, int stack)
{
	return atomic_load_explicit(&cache->capacities[tp_class_stack_index(stack)], memory_order_relaxed);
}

bool tp_cache_is_empty(struct tp_cache *cache, int stack)
{
	uint64_t header = tp_cache_header(cache, stack);

	/* In a cache that has not begun the header is 0, and the word before its slot is no word of the cache. */
	return header == 0 || !atomic_load_explicit(tp_cache_slot(cache, header) - 1, memory_order_relaxed);
}

size_t tp_cache_put(struct tp_cache *cache, int stack, void *const *objects, size_t count)
{
	uint64_t header = tp_cache_header(cache, stack);
	size_t room = tp_cache_capacity(cache, stack) - tp_cache_depth(cache, stack);

	if (count > room)
		count = room;
	for (size_t i = 0; i < count; i++)
		atomic_store_explicit(tp_cache_slot(cache, header) + i, objects[i], memory_order_relaxed);
	tp_cache_set_header(cache, stack, header + count);
	return count;
}

size_t tp_cache_take(struct tp_cache *cache, int stack, void **objects, size_t count)
{
	uint64_t header = tp_cache_header(cache, stack);
	size_t depth = tp_cache_depth(cache, stack);

	if (count > depth)
		count = depth;
	for (size_t i = 0; i < count; i++)
		objects[i] = atomic_load_explicit(tp_cache_slot(cache, header) - count + i, memory_order_relaxed);
	tp_cache_set_header(cache, stack, header - count);
	return count;
}

void tp_cache_close(struct tp_cache *cache, void (*fold)(int stack, uint64_t operations))
{
	if (!tp_cache_has_begun(cache))
		return;
	for (int i = TP_CLASS_STACK_MIN; i <= TP_CLASS_STACK_MAX; i++) {
		uint64_t header = tp_cache_header(cache, i);

		if (header >> 16 != 0)
			fold(i, header >> 16);
		if (header != TP_CACHE_CLOSED)
			close_stack(cache, i);
	}
	forget_areas(cache);
}

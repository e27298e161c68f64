/* A cache: its words, and what is done to them under its lock. See cache.h. */
#include "shim/cache.h"

#include <stdatomic.h>

#include "shim/arch/section.h"
#include "shim/slab.h"

_Static_assert(offsetof(struct tp_cache, slots) == TP_CACHE_STRIDE * sizeof(void *), "class 1 begins at word 512");
_Static_assert(offsetof(struct tp_cache, barred_headers) == TP_CLASS_BARRED * sizeof(uint64_t),
    "a barred class number indexes headers as well");
_Static_assert(TP_CACHE_STRIDE - 1 == TP_STACK_STRIDE_MASK, "assembly tests full by this mask");
_Static_assert(TP_CLASS_CAPACITY_MAX < TP_CACHE_STRIDE, "a slot stays free for the NULL below the bottom");
_Static_assert(TP_CACHE_STACK_OF_KIND == offsetof(struct tp_cache, stack_of_kind), "assembly reads it there");
_Static_assert((TP_CLASS_LIMIT + 1) * TP_CACHE_STRIDE < 65536, "a slot index has 16 bits");

unsigned tp_cache_end(unsigned class_index)
{
	return ((class_index == TP_CLASS_STRAYS ? tp_classes.count : class_index) + 1) * TP_CACHE_STRIDE;
}

static void set_bottom(struct tp_cache *cache, unsigned class_index, unsigned bottom)
{
	atomic_store_explicit(&cache->bottoms[class_index], (uint16_t)bottom, memory_order_relaxed);
}

static void close_class(struct tp_cache *cache, unsigned class_index)
{
	tp_cache_set_header(cache, class_index, TP_CACHE_CLOSED);
	set_bottom(cache, class_index, TP_CACHE_STRIDE);
}

size_t tp_cache_bytes(void)
{
	return (tp_classes.count + 1) * TP_CACHE_STRIDE * sizeof(void *);
}

/* Where a put of a kind goes on the CPU whose home that is. */
static uint8_t stack_of(unsigned kind, unsigned own_home)
{
	unsigned class_index = tp_region_class_of_kind(kind), home = tp_region_home_of_kind(kind);

	if (home != TP_REGION_NO_HOME && home != own_home)
		return TP_CLASS_STRAYS;
	return (uint8_t)(class_index | (tp_classes.row[class_index].barred ? TP_CLASS_BARRED : 0));
}

void tp_cache_init(struct tp_cache *cache, unsigned number)
{
	for (unsigned kind = 0; kind < TP_REGION_KINDS; kind++)
		cache->stack_of_kind[kind] = stack_of(kind, number % TP_REGION_HOMES);
	/* Closed is "slot 512", whose word below is NULL. */
	for (unsigned i = 0; i < TP_CLASS_BARRED; i++) {
		cache->barred_headers[i] = TP_CACHE_CLOSED;
		close_class(cache, i);
	}
}

bool tp_cache_has_begun(struct tp_cache *cache)
{
	return tp_cache_bottom(cache, 0) != 0; /* that of class 0, which stays closed */
}

size_t tp_cache_depth(struct tp_cache *cache, unsigned class_index)
{
	uint64_t slot = tp_cache_header(cache, class_index) & TP_CACHE_SLOT_MASK;
	unsigned bottom = tp_cache_bottom(cache, class_index);

	return slot > bottom && slot <= tp_cache_end(class_index) ? slot - bottom : 0;
}

size_t tp_cache_capacity(struct tp_cache *cache, unsigned class_index)
{
	unsigned bottom = tp_cache_bottom(cache, class_index);

	return bottom > TP_CACHE_STRIDE ? tp_cache_end(class_index) - bottom : 0;
}

size_t tp_cache_put(struct tp_cache *cache, unsigned class_index, void *const *objects, size_t count)
{
	uint64_t header = tp_cache_header(cache, class_index);
	size_t room = -header & TP_STACK_STRIDE_MASK;

	if (count > room)
		count = room;
	for (size_t i = 0; i < count; i++)
		atomic_store_explicit(tp_cache_slot(cache, header) + i, objects[i], memory_order_relaxed);
	tp_cache_set_header(cache, class_index, header + count);
	return count;
}

size_t tp_cache_take(struct tp_cache *cache, unsigned class_index, void **objects, size_t count)
{
	uint64_t header = tp_cache_header(cache, class_index);
	size_t depth = tp_cache_depth(cache, class_index);

	if (count > depth)
		count = depth;
	for (size_t i = 0; i < count; i++)
		objects[i] = atomic_load_explicit(tp_cache_slot(cache, header) - count + i, memory_order_relaxed);
	tp_cache_set_header(cache, class_index, header - count);
	return count;
}

void tp_cache_close(struct tp_cache *cache, void (*fold)(unsigned class_index, uint64_t operations))
{
	for (unsigned i = 1; i <= TP_CLASS_STRAYS; i++) {
		uint64_t header = tp_cache_header(cache, i);

		if (header >> 16 != 0)
			fold(i, header >> 16);
		if (header != TP_CACHE_CLOSED)
			close_class(cache, i);
	}
}

/* The pagemap: where the maps lie, how they grow, how routes begin. See pagemap.h. */
#include "shim/heap/pagemap.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

const uint8_t *tp_pagemap_owners;
uint32_t *tp_pagemap_words;

/* The byte maps lie one after the other, map_bytes each. The words follow them. */
enum { CLASSES, OWNERS, ROUTES, MAPS = ROUTES + TP_PAGEMAP_OWNERS };
static uint8_t *first_map; /* the class map */
static size_t map_bytes; /* reserved for each byte map, whole pages */
static size_t map_end; /* bytes of each map that are still reserved; fewer than map_bytes after a shrink */
static char *words_end; /* of what is reserved for the words */

/*
 * The low 32 bits: the owners whose routes have begun, a bit each. The high 32 bits: how many pages of every byte map
 * are usable. Both are in one word, so that the maps cannot grow unnoticed while routes begin, nor routes begin
 * unnoticed while the maps grow.
 */
static _Atomic uint64_t state;

static uint8_t *map_at(unsigned map)
{
	return first_map + map * map_bytes;
}

size_t tp_pagemap_bytes(size_t granules)
{
	return MAPS * tp_region_whole_pages(granules) + tp_region_whole_pages(granules * sizeof *tp_pagemap_words);
}

void tp_pagemap_place(unsigned char *start, size_t granules)
{
	first_map = start;
	map_bytes = map_end = tp_region_whole_pages(granules);
	tp_pagemap_words = (uint32_t *)(start + MAPS * map_bytes);
	words_end = (char *)tp_pagemap_words + tp_region_whole_pages(granules * sizeof *tp_pagemap_words);
	tp_hot_class_map = map_at(CLASSES);
	tp_pagemap_owners = map_at(OWNERS);
}

static size_t reserved_granules(void)
{
	return tp_hot_region_bytes >> TP_REGION_GRANULE_SHIFT;
}

/* The granules that have usable entries in every map when the state is @now. */
static size_t mapped_granules(uint64_t now)
{
	size_t granules = (now >> 32) * tp_region_page_bytes();

	return granules < reserved_granules() ? granules : reserved_granules();
}

size_t tp_pagemap_granule_count(void)
{
	size_t committed = (tp_region_committed_bytes() + TP_REGION_GRANULE_BYTES - 1) >> TP_REGION_GRANULE_SHIFT;
	size_t mapped = mapped_granules(atomic_load_explicit(&state, memory_order_acquire));

	return committed < mapped ? committed : mapped;
}

static bool use_map(unsigned map, size_t first, size_t end)
{
	return tp_region_make_usable((uintptr_t)map_at(map) + first, (uintptr_t)map_at(map) + end);
}

/* Make the entries of the granules from @first to @end usable in every map, but for routes that have not begun. */
static bool use_maps(uint32_t owners, size_t first, size_t end)
{
	bool usable = use_map(CLASSES, first, end) && use_map(OWNERS, first, end) &&
		      tp_region_make_usable((uintptr_t)&tp_pagemap_words[first], (uintptr_t)&tp_pagemap_words[end]);

	for (unsigned owner = 0; usable && owner < TP_PAGEMAP_OWNERS; owner++)
		if (owners >> owner & 1)
			usable = use_map(ROUTES + owner, first, end);
	return usable;
}

bool tp_pagemap_grow(size_t count)
{
	uint64_t now = atomic_load_explicit(&state, memory_order_acquire), grown;

	/* The maps grow by whole pages: one page of a byte map has the entries for 256 MiB of the region. */
	do {
		if (mapped_granules(now) >= count)
			return true;
		uint64_t pages = (count + tp_region_page_bytes() - 1) / tp_region_page_bytes();
		grown = pages << 32 | (uint32_t)now;
		/* What another thread makes usable at the same time is made usable twice, which does no harm. */
		if (!use_maps((uint32_t)now, mapped_granules(now), mapped_granules(grown)))
			return false;
	} while (
	    !atomic_compare_exchange_weak_explicit(&state, &now, grown, memory_order_acq_rel, memory_order_acquire));
	return true;
}

static void unmap(void *start, void *end)
{
	if (start < end)
		munmap(start, (size_t)((char *)end - (char *)start));
}

void tp_pagemap_shrink(size_t granules)
{
	size_t kept = tp_region_whole_pages(granules);
	char *words_kept = (char *)tp_pagemap_words + tp_region_whole_pages(granules * sizeof *tp_pagemap_words);

	/* Up to where it is still ours: what an earlier shrink gave back may be the program's by now. */
	for (unsigned map = 0; map < MAPS; map++)
		unmap(map_at(map) + kept, map_at(map) + map_end);
	unmap(words_kept, words_end);
	if (kept < map_end)
		map_end = kept;
	if (words_kept < words_end)
		words_end = words_kept;
}

int8_t *tp_pagemap_routes(unsigned owner)
{
	return (int8_t *)map_at(ROUTES + owner);
}

uint32_t tp_pagemap_routed_owners(void)
{
	return (uint32_t)atomic_load_explicit(&state, memory_order_acquire);
}

bool tp_pagemap_begin_routes(unsigned owner)
{
	uint64_t now = atomic_load_explicit(&state, memory_order_acquire);

	do {
		if (now >> owner & 1)
			return true;
		if (!use_map(ROUTES + owner, 0, mapped_granules(now)))
			return false;
	} while (!atomic_compare_exchange_weak_explicit(
	    &state, &now, now | UINT64_C(1) << owner, memory_order_acq_rel, memory_order_acquire));
	return true;
}

/*
 * Return the stack on which a CPU of owner @own puts an object of a class from a slab of @owner. Stack 0 is always
 * closed, so that the put takes the slow path.
 */
static int8_t stack_for(const struct tp_class *c, unsigned class_index, unsigned owner, unsigned own)
{
	if (c->slow_put)
		return 0;
	bool is_remote = c->owned && owner != TP_PAGEMAP_NO_OWNER && owner != own;
	return (int8_t)(is_remote ? TP_CLASS_REMOTE(class_index) : TP_CLASS_STACK(class_index));
}

/* Correct every route of owner @own that differs from the class and owner maps. Returns whether none differed. */
static bool correct_routes(const struct tp_class *rows, _Atomic int8_t *routes, unsigned own)
{
	size_t count = tp_pagemap_granule_count();
	bool agreed = true;

	for (size_t granule = 0; granule < count; granule++) {
		unsigned class_index = tp_hot_class_map[granule];
		int8_t stack = stack_for(&rows[class_index], class_index, tp_pagemap_granule_owner(granule), own);

		/* relaxed: the fence in tp_pagemap_complete_routes orders the looks */
		if (atomic_load_explicit(&routes[granule], memory_order_relaxed) != stack) {
			atomic_store_explicit(&routes[granule], stack, memory_order_relaxed);
			agreed = false;
		}
	}
	return agreed;
}

void tp_pagemap_complete_routes(const struct tp_class *rows, unsigned owner)
{
	static uint32_t complete; /* the owners whose routes are complete, a bit each */
	_Atomic int8_t *routes = (_Atomic int8_t *)tp_pagemap_routes(owner);

	if (complete >> owner & 1)
		return;
	/*
	 * Other threads enter slabs at the same time. If a thread enters a newer route and an older one is then written
	 * here, the next look sees the difference. Modelled in tests/model/routes.pml.
	 */
	do
		atomic_thread_fence(memory_order_seq_cst); /* pairs with the fence in tp_pagemap_set_slab */
	while (!correct_routes(rows, routes, owner));
	complete |= UINT32_C(1) << owner;
}

/* Enter owner and class. The owner comes first, so that a thread that reads the new class reads no older owner. */
static void enter(size_t granule, size_t count, unsigned class_index, unsigned owner)
{
	uint8_t *owners = map_at(OWNERS);

	for (size_t i = granule; i < granule + count; i++)
		/* An equal entry is not written: a program without owners then needs no page for the map. */
		if (tp_pagemap_granule_owner(i) != owner)
			owners[i] = (uint8_t)(owner == TP_PAGEMAP_NO_OWNER ? 0 : owner + 1);
	memset(map_at(CLASSES) + granule, (int)class_index, count);
}

void tp_pagemap_set_slab(
    const struct tp_class *rows, size_t granule, size_t count, unsigned class_index, unsigned owner)
{
	enter(granule, count, class_index, owner);
	/*
	 * Routes that begin at this moment read the class that was entered above, or are seen below and written there.
	 * Pairs with the fence in tp_pagemap_complete_routes.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	uint32_t owners = tp_pagemap_routed_owners();

	for (unsigned own = 0; own < TP_PAGEMAP_OWNERS; own++)
		if (owners >> own & 1)
			memset(tp_pagemap_routes(own) + granule, stack_for(&rows[class_index], class_index, owner, own),
			    count);
}

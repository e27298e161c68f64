/* Sites: an array that only grows, and a hash index with open addressing over it. See site.h. @rare */
#include "shim/profile/site.h"

#include <string.h>
#include <sys/mman.h>

#define SITE_LIMIT (UINT32_C(1) << 18)
#define INDEX_COUNT (2 * SITE_LIMIT) /* a power of two; never full, so a search ends */
#define FRAME_LIMIT ((size_t)SITE_LIMIT * 24) /* if stacks are deeper than 24 on the average, there are fewer sites */
#define EXACT_BYTES_MAX 128U /* sizes up to this are not rounded */
#define KEPT_BITS 5U /* that a larger size keeps: sixteen steps an octave */

/*
 *   index:   | 0 | 7+1 | 0 | 2+1 | ...      a site's number plus one; 0: free
 *   sites:   | 0 | 1 | 2 | ...              by number; a new one comes after the last
 *   frames:  | stack of 0 | stack of 1 | ...
 */
static _Atomic uint32_t *site_index;
static struct tp_site *sites;
static uintptr_t *frame_pool;
static _Atomic uint32_t site_count; /* numbers given out */
static _Atomic size_t frame_count; /* frames given out; above FRAME_LIMIT once they are used up */

/* Reserve addresses. The kernel gives a page when it is touched. */
static void *map_table(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

bool tp_site_start(void)
{
	site_index = map_table(INDEX_COUNT * sizeof *site_index);
	sites = map_table(SITE_LIMIT * sizeof *sites);
	frame_pool = map_table(FRAME_LIMIT * sizeof *frame_pool);
	return site_index && sites && frame_pool;
}

/* Round a size down to its step. */
static uint64_t size_step(size_t bytes)
{
	if (bytes <= EXACT_BYTES_MAX)
		return bytes;
	unsigned dropped = 64 - (unsigned)__builtin_clzl(bytes) - KEPT_BITS;
	return bytes >> dropped << dropped;
}

static uint32_t hash_of(const uintptr_t *frames, size_t depth, uint64_t size)
{
	uint64_t hash = size;

	for (size_t i = 0; i < depth; i++) {
		hash = (hash ^ frames[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash >> 32 ^ hash);
}

static bool is_same(const struct tp_site *site, const struct tp_site *other, size_t depth)
{
	return site->hash == other->hash && site->size == other->size &&
	       atomic_load_explicit(&site->depth, memory_order_relaxed) == depth &&
	       memcmp(site->frames, other->frames, depth * sizeof *site->frames) == 0;
}

/* Add a site like @wanted, which is not in the index yet. Returns its number, or -1: the tables are full. */
static int32_t add(const struct tp_site *wanted, size_t depth)
{
	uint32_t number = atomic_load_explicit(&site_count, memory_order_relaxed);

	do {
		if (number >= SITE_LIMIT)
			return -1;
	} while (!atomic_compare_exchange_weak_explicit(
	    &site_count, &number, number + 1, memory_order_relaxed, memory_order_relaxed));
	/* If the frames are used up, the site stays empty for good. The count cannot overflow: sites run out first. */
	size_t first = atomic_fetch_add_explicit(&frame_count, depth, memory_order_relaxed);
	if (first + depth > FRAME_LIMIT)
		return -1;
	struct tp_site *site = &sites[number];

	memcpy(frame_pool + first, wanted->frames, depth * sizeof *frame_pool);
	site->frames = frame_pool + first;
	site->hash = wanted->hash;
	site->size = wanted->size;
	/* release: pairs with the acquire in heap_file.c's for_each_site */
	atomic_store_explicit(&site->depth, (uint32_t)depth, memory_order_release);
	return (int32_t)number;
}

int32_t tp_site_find(const uintptr_t *frames, size_t depth, size_t bytes)
{
	struct tp_site wanted = { .size = size_step(bytes), .frames = frames };
	int32_t added = -1;

	wanted.hash = hash_of(frames, depth, wanted.size);
	for (uint32_t place = wanted.hash % INDEX_COUNT;; place = (place + 1) % INDEX_COUNT) {
		/* acquire: pairs with the exchange below */
		uint32_t entry = atomic_load_explicit(&site_index[place], memory_order_acquire);

		if (entry == 0) {
			if (added < 0)
				added = add(&wanted, depth);
			if (added < 0)
				return -1;
			if (atomic_compare_exchange_strong_explicit(&site_index[place], &entry, (uint32_t)added + 1,
				memory_order_acq_rel, memory_order_acquire))
				return added;
			/*
			 * Another thread has taken this place, perhaps for the same site. Then its site is used, and
			 * ours keeps counts of zero for good.
			 */
		}
		if (is_same(&sites[entry - 1], &wanted, depth))
			return (int32_t)entry - 1;
	}
}

uint32_t tp_site_count(void)
{
	return atomic_load_explicit(&site_count, memory_order_relaxed);
}

struct tp_site *tp_site_at(uint32_t number)
{
	return &sites[number];
}

static void clear(struct tp_site_count *count)
{
	atomic_store_explicit(&count->objects, 0, memory_order_relaxed);
	atomic_store_explicit(&count->bytes, 0, memory_order_relaxed);
}

void tp_site_start_child(void)
{
	for (uint32_t number = 0; number < tp_site_count(); number++) {
		for (unsigned source = 0; source < TP_SITE_SOURCE_COUNT; source++)
			clear(&sites[number].got[source]);
		clear(&sites[number].freed);
	}
}

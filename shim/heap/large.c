/* Large blocks: spans, jemalloc's arenas with hooks into the region, and the counts. See large.h. */
#include "shim/heap/large.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "shim/heap/chunk.h"
#include "shim/heap/jemalloc.h"
#include "shim/heap/region.h"
#include "shim/heap/span.h"

/* The functions of jemalloc 5.3 that are used, under their private names. Source: jemalloc(3). */
void *tpje_mallocx(size_t size, int flags);
void *tpje_rallocx(void *ptr, size_t size, int flags);
size_t tpje_sallocx(const void *ptr, int flags);
void tpje_dallocx(void *ptr, int flags);

/* jemalloc's flags: MALLOCX_LG_ALIGN, MALLOCX_ZERO, MALLOCX_TCACHE_NONE and MALLOCX_ARENA. */
#define FLAG_ALIGN(alignment) ((int)__builtin_ctzl(alignment))
#define FLAG_ZERO 0x40
#define FLAG_NO_TCACHE (1 << 8)
#define FLAG_ARENA(arena) ((int)((arena) + 1) << 20)

/* One arena for each CPU number modulo 8. Slabs and large blocks share it: each can use what the other frees. */
#define ARENA_COUNT 8U
#define NO_ARENA 0U /* an arena not yet created; jemalloc's own arena 0 is none of ours */

/* jemalloc's extent_hooks_t. A hook that returns bool returns true for failure. */
struct extent_hooks {
	void *(*alloc)(struct extent_hooks *, void *, size_t, size_t, bool *, bool *, unsigned);
	bool (*dalloc)(struct extent_hooks *, void *, size_t, bool, unsigned);
	void (*destroy)(struct extent_hooks *, void *, size_t, bool, unsigned);
	bool (*commit)(struct extent_hooks *, void *, size_t, size_t, size_t, unsigned);
	bool (*decommit)(struct extent_hooks *, void *, size_t, size_t, size_t, unsigned);
	bool (*purge_lazy)(struct extent_hooks *, void *, size_t, size_t, size_t, unsigned);
	bool (*purge_forced)(struct extent_hooks *, void *, size_t, size_t, size_t, unsigned);
	bool (*split)(struct extent_hooks *, void *, size_t, size_t, size_t, bool, unsigned);
	bool (*merge)(struct extent_hooks *, void *, size_t, void *, size_t, bool, unsigned);
};

static _Atomic unsigned arenas[ARENA_COUNT]; /* jemalloc's numbers of our arenas, or NO_ARENA */
static _Atomic uint64_t returned_bytes; /* of pages that the kernel has taken back */
static _Atomic bool has_freed; /* the program has freed large blocks since the last trim began */
static struct {
	_Alignas(64) _Atomic uint64_t gets, puts, bytes, live_bytes;
} large; /* the counts, on a cache line of their own */

static void *hook_alloc(
    struct extent_hooks *hooks, void *wanted, size_t bytes, size_t alignment, bool *zero, bool *commit, unsigned arena)
{
	(void)hooks, (void)arena;
	if (wanted)
		return NULL; /* jemalloc wants a certain address, which the region cannot give */
	void *memory = tp_region_commit(bytes, alignment);
	if (!memory)
		memory = tp_chunk_take_free(bytes, alignment); /* whole chunks whose slabs and spans are gone */
	if (memory)
		*zero = *commit = true;
	return memory;
}

static bool hook_purge(
    struct extent_hooks *hooks, void *extent, size_t bytes, size_t offset, size_t length, unsigned arena)
{
	(void)hooks, (void)bytes, (void)arena;
	if (!tp_region_purge((char *)extent + offset, length))
		return true;
	atomic_fetch_add_explicit(&returned_bytes, length, memory_order_relaxed);
	return false;
}

static bool hook_split(
    struct extent_hooks *hooks, void *extent, size_t bytes, size_t a, size_t b, bool committed, unsigned arena)
{
	(void)hooks, (void)extent, (void)bytes, (void)a, (void)b, (void)committed, (void)arena;
	return false;
}

static bool hook_merge(
    struct extent_hooks *hooks, void *a, size_t a_bytes, void *b, size_t b_bytes, bool committed, unsigned arena)
{
	(void)hooks, (void)a, (void)a_bytes, (void)b, (void)b_bytes, (void)committed, (void)arena;
	return false;
}

/* There is no dalloc and no decommit: only pages are given back, and the addresses stay jemalloc's. */
static struct extent_hooks region_hooks = {
	.alloc = hook_alloc,
	.purge_forced = hook_purge,
	.split = hook_split,
	.merge = hook_merge,
};

/* Return whether a page can be mapped. jemalloc maps one when it starts, and writes to it even if that has failed. */
static bool can_map(void)
{
	void *page = mmap(NULL, tp_region_page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page != MAP_FAILED && munmap(page, tp_region_page_bytes()) == 0;
}

/*
 * Call jemalloc for the first time: give its arena 0 our hooks. In a thread that is exiting jemalloc falls back on
 * arena 0, whichever arena is asked for, so the memory of arena 0 has to lie in the region too.
 */
static bool begin(void *unused)
{
	struct extent_hooks *hooks = &region_hooks;

	(void)unused;
	if (tp_jemalloc_is_awake())
		return true;
	return can_map() && tpje_mallctl("arena.0.extent_hooks", NULL, NULL, &hooks, sizeof hooks) == 0;
}

static bool begin_and_create(void *arena)
{
	struct extent_hooks *hooks = &region_hooks;
	size_t length = sizeof(unsigned);

	return begin(NULL) && tpje_mallctl("arenas.create", arena, &length, &hooks, sizeof hooks) == 0;
}

void tp_large_wake(void)
{
	if (!tp_jemalloc_is_awake())
		tp_jemalloc_run(begin, NULL);
}

static unsigned create_arena(void)
{
	unsigned arena;

	return tp_jemalloc_run(begin_and_create, &arena) ? arena : NO_ARENA;
}

/* Return jemalloc's arena for @slot, created at the first call, or NO_ARENA if it cannot be created. */
static unsigned arena_of(unsigned slot)
{
	/* acquire: pairs with the release of the exchange below */
	unsigned arena = atomic_load_explicit(&arenas[slot], memory_order_acquire);

	if (arena != NO_ARENA)
		return arena;
	unsigned created = create_arena();
	/* If another thread was first, its arena is used. Ours then stays unused, and costs only addresses. */
	if (atomic_compare_exchange_strong_explicit(
		&arenas[slot], &arena, created, memory_order_acq_rel, memory_order_acquire))
		return created;
	return arena;
}

static unsigned current_slot(void)
{
	int cpu = sched_getcpu();

	return cpu < 0 ? 0 : (unsigned)cpu % ARENA_COUNT;
}

/* Allocate from the CPU's arena, or from any other that exists. Returns NULL if none has room. */
static void *allocate_anywhere(size_t bytes, int flags)
{
	unsigned first = current_slot(), arena = arena_of(first);
	void *block = arena != NO_ARENA ? tpje_mallocx(bytes, flags | FLAG_ARENA(arena)) : NULL;

	for (unsigned slot = 0; !block && slot < ARENA_COUNT; slot++) {
		/* acquire: pairs with the release of the exchange in arena_of */
		arena = atomic_load_explicit(&arenas[slot], memory_order_acquire);
		if (slot != first && arena != NO_ARENA)
			block = tpje_mallocx(bytes, flags | FLAG_ARENA(arena));
	}
	return block;
}

/* Give the pages to the kernel that jemalloc does not use. Costs nothing while jemalloc sleeps. */
static void purge_arenas(void)
{
	/* 4096 stands for all arenas (MALLCTL_ARENAS_ALL). */
	if (tp_jemalloc_is_awake())
		tpje_mallctl("arena.4096.purge", NULL, NULL, NULL, 0);
}

static void *allocate(size_t bytes, int flags)
{
	if (bytes > tp_hot_region_bytes)
		return NULL;
	void *block = allocate_anywhere(bytes, flags | FLAG_NO_TCACHE);
	if (block)
		return block;
	/* jemalloc joins unused ranges side by side only if all have pages, or none. After a purge none has. */
	purge_arenas();
	return allocate_anywhere(bytes, flags | FLAG_NO_TCACHE);
}

/* Return a span if the block can be one and a chunk has room, else a block of jemalloc's, or NULL. */
static void *get(size_t bytes, size_t alignment, bool zero)
{
	void *span = tp_span_fits(bytes, alignment) ? tp_span_take(bytes, zero) : NULL;

	return span ? span : allocate(bytes != 0 ? bytes : 1, FLAG_ALIGN(alignment) | (zero ? FLAG_ZERO : 0));
}

static void count_get(size_t bytes)
{
	atomic_fetch_add_explicit(&large.gets, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&large.bytes, bytes, memory_order_relaxed);
}

/* Add to the live bytes, modulo 2^64: so a negative number can be added as well. */
static void count_live(size_t bytes)
{
	atomic_fetch_add_explicit(&large.live_bytes, bytes, memory_order_relaxed);
}

void *tp_large_malloc(size_t bytes, size_t alignment, bool zero)
{
	void *block = get(bytes, alignment, zero);

	if (!block)
		return NULL;
	count_get(bytes);
	count_live(tp_large_usable(block));
	return block;
}

static void *resize_jemalloc(void *block, size_t bytes)
{
	unsigned arena = arena_of(current_slot());

	return arena != NO_ARENA ? tpje_rallocx(block, bytes, FLAG_NO_TCACHE | FLAG_ARENA(arena)) : NULL;
}

/* Memory of a large block has become free: the timer's thread must not doze before a trim. */
static void note_freed(void)
{
	/*
	 * seq_cst: either the timer's thread sees this store, in tp_large_has_freed, before it dozes, or this thread
	 * sees that the timer's thread dozes, in tp_timer_notice, and wakes it. The load may be relaxed: a trim stores
	 * false before it takes a lock of the memory, so a free that comes too late for the trim sees false.
	 */
	if (!atomic_load_explicit(&has_freed, memory_order_relaxed))
		atomic_store_explicit(&has_freed, true, memory_order_seq_cst);
}

void *tp_large_realloc(void *block, size_t bytes)
{
	size_t old_bytes = tp_large_usable(block);
	void *resized = !tp_span_is(block)             ? resize_jemalloc(block, bytes)
			: tp_span_resize(block, bytes) ? block
						       : NULL;

	if (!resized)
		return NULL;
	if (resized != block) {
		count_get(bytes);
		atomic_fetch_add_explicit(&large.puts, 1, memory_order_relaxed);
	}
	size_t new_bytes = tp_large_usable(resized);
	count_live(new_bytes - old_bytes);
	if (resized != block || new_bytes < old_bytes)
		note_freed();
	return resized;
}

void tp_large_free(void *block)
{
	atomic_fetch_add_explicit(&large.puts, 1, memory_order_relaxed);
	count_live(-tp_large_usable(block));
	if (tp_span_is(block))
		tp_span_give(block);
	else
		tpje_dallocx(block, FLAG_NO_TCACHE);
	note_freed();
}

size_t tp_large_usable(const void *block)
{
	return tp_span_is(block) ? tp_span_bytes(block) : tpje_sallocx(block, 0);
}

void *tp_large_take_slab(size_t bytes, size_t alignment, bool zero)
{
	return allocate(bytes, FLAG_ALIGN(alignment) | (zero ? FLAG_ZERO : 0));
}

void tp_large_give_slab(void *slab)
{
	tpje_dallocx(slab, FLAG_NO_TCACHE);
}

bool tp_large_has_freed(void)
{
	return atomic_load_explicit(&has_freed, memory_order_seq_cst); /* pairs with the store in note_freed */
}

void tp_large_trim(void)
{
	atomic_store_explicit(&has_freed, false, memory_order_relaxed);
	purge_arenas();
}

uint64_t tp_large_returned_bytes(void)
{
	return atomic_load_explicit(&returned_bytes, memory_order_relaxed);
}

void tp_large_read_counts(struct tp_large_counts *counts)
{
	counts->gets = atomic_load_explicit(&large.gets, memory_order_relaxed);
	counts->puts = atomic_load_explicit(&large.puts, memory_order_relaxed);
	counts->bytes = atomic_load_explicit(&large.bytes, memory_order_relaxed);
	counts->live_bytes = atomic_load_explicit(&large.live_bytes, memory_order_relaxed);
}

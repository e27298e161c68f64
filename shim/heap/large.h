/*
 * The backend: what serves larger sizes, runs (run.h) up to 1 MiB and our private
 * jemalloc beyond, which serves slabs as well where chunks are used up. All its
 * extents lie inside the region.
 *
 * jemalloc's names carry the prefix tpje_ (shim/heap/jemalloc.syms); nothing of it is exported
 * and the host's MALLOC_CONF does not reach it. Any thread may call, holding no
 * lock of ours. Never calls back into malloc.
 */
#ifndef TP_LARGE_H
#define TP_LARGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Requests that went past the pools. Exact: each is counted once, by atomic addition. */
struct tp_large_counts {
	uint64_t gets;
	uint64_t puts;
	uint64_t bytes; /* asked for by those gets */
	uint64_t live_bytes; /* usable bytes out now */
};

/*
 * Allocate @bytes at a multiple of @alignment (a power of two, at least 16).
 * Returns memory of the region, or NULL when there is none.
 */
void *tp_large_malloc(size_t bytes, size_t alignment, bool zero);

/* Resize in place or by moving. Returns NULL, the old block intact, for a run that has to move or without memory. */
void *tp_large_realloc(void *block, size_t bytes);

void tp_large_free(void *block);
size_t tp_large_usable(const void *block);

/* Memory for a slab, at a multiple of @alignment. */
void *tp_large_take_slab(size_t bytes, size_t alignment, bool zero);
void tp_large_give_slab(void *slab);

/* Give unused pages of jemalloc's to the kernel; those of runs go with the chunks'. */
void tp_large_trim(void);

/* Whether the program has freed blocks since the last trim began. */
bool tp_large_has_freed(void);

/* Bytes of pages given to the kernel since the process began. */
uint64_t tp_large_returned_bytes(void);

void tp_large_read_counts(struct tp_large_counts *counts);

/*
 * Wake jemalloc before it is needed, which needs some memory outside the region: for
 * a process that may have none later. Threads: not in a vfork child.
 */
void tp_large_wake(void);

#endif

/*
 * Large blocks: what no class serves. Up to 1 MiB a block is a span (span.h). A larger one comes from our private
 * jemalloc.
 *
 * jemalloc also serves spans and slabs after the chunks are used up. All its memory lies in the region. Owns jemalloc's
 * arenas and the counts of large blocks. Any thread may call that holds no lock of ours but a turn's. Never calls malloc.
 */
#ifndef TP_LARGE_H
#define TP_LARGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The requests for large blocks and their frees. Exact: each is counted once, by an atomic addition. */
struct tp_large_counts {
	uint64_t gets;
	uint64_t puts;
	uint64_t bytes; /* that the gets asked for */
	uint64_t live_bytes; /* usable bytes of the blocks that are not freed yet */
};

/*
 * Allocate @bytes at a multiple of @alignment, a power of two from 16 on. @zero: the block must be zeroes.
 * Returns memory of the region, or NULL if there is none.
 */
void *tp_large_malloc(size_t bytes, size_t alignment, bool zero);

/*
 * Resize a block: a span in place, a block of jemalloc's in place or by moving.
 * Returns the block, or NULL, with the old block intact, if a span would have to move or if there is no memory.
 */
void *tp_large_realloc(void *block, size_t bytes);

/* Free a large block. */
void tp_large_free(void *block);

/* Return the bytes of a large block that the program may use. */
size_t tp_large_usable(const void *block);

/*
 * Allocate jemalloc's memory for a slab that no chunk has room for, at a multiple of @alignment. It is not counted as a
 * large block. Returns NULL if there is none.
 */
void *tp_large_take_slab(size_t bytes, size_t alignment, bool zero);

/* Free memory that tp_large_take_slab returned. */
void tp_large_give_slab(void *slab);

/* Give jemalloc's unused pages to the kernel. tp_chunk_trim does so for freed spans. */
void tp_large_trim(void);

/* Return whether the program has freed large blocks since the last trim began. */
bool tp_large_has_freed(void);

/* Return the bytes of jemalloc's pages given to the kernel since the process began. */
uint64_t tp_large_returned_bytes(void);

/* Read the counts. Threads: any, also a signal handler. */
void tp_large_read_counts(struct tp_large_counts *counts);

/*
 * Start jemalloc before it is needed, if it sleeps. Its start needs some memory outside the region, which a process
 * under a limit may not have later. Threads: any, but no vfork child.
 */
void tp_large_wake(void);

#endif

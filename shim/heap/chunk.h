/*
 * Chunks: 2 MiB of the region each, cut into slabs and spans.
 *
 * Why not jemalloc: it pads every block by a page, so slabs that it serves lie twice as far apart. Of the freed aligned
 * blocks of a size it looks only at the oldest, so a program that frees and takes slabs grows. And it has to be woken.
 * Owns a record for each chunk, and one short lock, which is not held while the kernel is called. Any thread may call
 * that holds no lock but a turn's. jemalloc's hooks and fork may call under their locks.
 */
#ifndef TP_CHUNK_H
#define TP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/lock.h"

#define TP_CHUNK_BYTES ((size_t)2 << 20)

#define TP_CHUNK_NUMBERS 16384U /* the most chunks at a time: 32 GiB */

/*
 * Take the whole granules that hold @bytes, at a multiple of @alignment.
 * @alignment: a power of two from 64 KiB on. @zero: the first @bytes must be zeroes.
 * Sets @number: the chunk's number, which tp_chunk_give needs. Sets @fresh: whether none of the pages exists yet.
 * Returns NULL if the region or the numbers are used up, if @bytes exceed a chunk, or if @alignment exceeds 256 KiB.
 */
void *tp_chunk_take(size_t bytes, size_t alignment, bool zero, uint32_t *number, bool *fresh);

/*
 * Take the granules that hold @bytes at @memory, which is an address after the start of chunk @number.
 * Returns false, with nothing taken, if one of the granules is not in this chunk or not free.
 */
bool tp_chunk_take_at(void *memory, size_t bytes, uint32_t number);

/* Give granules of chunk @number back: all that one call took, or a part of them. */
void tp_chunk_give(void *memory, size_t bytes, uint32_t number);

/* Give the pages of all free granules to the kernel. */
void tp_chunk_trim(void);

/*
 * Take free chunks that lie side by side, of @bytes or more and of zeroes, and never get them back: for jemalloc, after
 * the region is used up. @alignment: a power of two. Returns NULL if there are no such chunks.
 */
void *tp_chunk_take_free(size_t bytes, size_t alignment);

/* Return the bytes of pages given to the kernel since the process began. */
uint64_t tp_chunk_returned_bytes(void);

/* Return a number that is above the number of every chunk. */
uint32_t tp_chunk_count(void);

/* Return the start of chunk @number, below tp_chunk_count, or NULL if no chunk has this number. */
char *tp_chunk_start(uint32_t number);

/* The lock of every chunk. For fork. */
extern struct tp_lock tp_chunk_lock;

#endif

/*
 * Chunks: 2 MiB of the region, cut into slabs and into runs, a program's larger blocks.
 *
 * jemalloc could serve them, but pads every block by a page, and of freed aligned ones
 * looks only at the oldest of a size: slabs of its own lie twice as far apart, and a
 * program that frees and takes them grows. And it has to be woken. Owns a record for
 * each chunk, and one short lock. Any thread may call, holding no lock but the
 * backend's or a fork's; the kernel is called with none of ours.
 */
#ifndef TP_CHUNK_H
#define TP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/lock.h"

#define TP_CHUNK_BYTES ((size_t)2 << 20)

#define TP_CHUNK_NUMBERS 16384U /* of chunks, 32 GiB of them */

/*
 * Take whole granules for @bytes, at a multiple of @alignment, a power of two from 64 KiB on; of zeroes
 * if @zero, as far as @bytes. Sets @number, which is to be given back with them, and @fresh: their pages are
 * yet to be made. Returns NULL where the region is used up, for more than a chunk, and for an alignment of more
 * than 256 KiB.
 */
void *tp_chunk_take(size_t bytes, size_t alignment, bool zero, uint32_t *number, bool *fresh);

/* Take those at @memory, which need not all be in the chunk. Returns whether they are, and were free. */
bool tp_chunk_take_at(void *memory, size_t bytes, uint32_t number);

/* Give back granules of a chunk, as they were taken or in parts. */
void tp_chunk_give(void *memory, size_t bytes, uint32_t number);

/* Give the pages of free granules to the kernel. */
void tp_chunk_trim(void);

/*
 * Take free chunks that lie side by side out for good, @bytes of them or more, of zeroes:
 * for the backend, when the region is used up. Returns NULL where there are none.
 */
void *tp_chunk_take_free(size_t bytes, size_t alignment);

/* Bytes of pages given to the kernel since the process began. */
uint64_t tp_chunk_returned_bytes(void);

/* Numbers of chunks are below the count. Where a chunk begins; NULL: none has this number. */
uint32_t tp_chunk_count(void);
char *tp_chunk_start(uint32_t number);

/* Of every chunk. For fork. */
extern struct tp_lock tp_chunk_lock;

#endif

/*
 * Chunks: 2 MiB of the backend's memory, cut into slabs.
 *
 * The backend is asked seldom and for much: it pads every block by a page, and of
 * freed aligned ones looks only at the oldest of a size, so that slabs asked of it one
 * by one lie twice as far apart, and a program that frees and takes them grows. Owns a
 * record for each chunk, and one short lock. Any thread may call, holding no lock
 * but a fork's; the backend and the kernel are called with none.
 */
#ifndef TP_CHUNK_H
#define TP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_CHUNK_NONE UINT32_MAX /* a slab of the backend's own, in no chunk */

/*
 * Take a slab of @bytes, a power of two from 64 KiB on, aligned to that; of zeroes if
 * @zero. Sets @number, which is to be given back with it. Returns NULL without memory.
 */
void *tp_chunk_take(size_t bytes, bool zero, uint32_t *number);

void tp_chunk_give(void *slab, size_t bytes, uint32_t number);

/* Give the pages of free slabs to the kernel, and empty chunks to the backend. */
void tp_chunk_trim(void);

/* Bytes of pages given to the kernel since the process began. */
uint64_t tp_chunk_returned_bytes(void);

void tp_chunk_lock(void);
void tp_chunk_unlock(void);
void tp_chunk_reset_lock(void);

#endif

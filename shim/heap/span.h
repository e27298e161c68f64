/*
 * Spans: a program's blocks of more than 64 KiB and up to TP_SPAN_BYTES_MAX, each of whole granules of a chunk.
 *
 * With them most programs never wake jemalloc, which costs a process 0.4 ms and 0.9 MiB, and a freed block's
 * memory serves slabs and other blocks alike. What is known of a span is the word that its first granule has in
 * the region's table of slab numbers, marked as none of a slab's. Any thread may call, holding no lock but
 * the backend's or a fork's; a span is its owner's, as any block.
 */
#ifndef TP_SPAN_H
#define TP_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/heap/region.h"

#define TP_SPAN_BYTES_MAX ((size_t)1 << 20)

/* Whether a block of @bytes at a multiple of @alignment, a power of two, can be a span. */
static inline bool tp_span_fits(size_t bytes, size_t alignment)
{
	return bytes > TP_REGION_GRANULE_BYTES && bytes <= TP_SPAN_BYTES_MAX && alignment <= TP_REGION_GRANULE_BYTES;
}

/* Take a span for @bytes that fit one; of zeroes if @zero. Returns NULL where the chunks are used up. */
void *tp_span_take(size_t bytes, bool zero);

/* Whether a span begins at @block, an address of the region. */
bool tp_span_is(const void *block);

/* The bytes that may be used of a span: whole pages. */
size_t tp_span_bytes(const void *span);

/* Make a span one of @bytes, in place. Returns false, and nothing has changed, where it has to be moved. */
bool tp_span_resize(void *span, size_t bytes);

void tp_span_give(void *span);

#endif

/*
 * Spans: a program's blocks of more than 64 KiB and up to 1 MiB, each of whole granules of one chunk.
 *
 * With spans most programs never wake jemalloc, which costs a process 0.4 ms and 0.9 MiB. The memory of a freed span
 * serves slabs and other spans. Owns no data: all that is known of a span is in the pagemap's word of its first
 * granule. Any thread may call that holds no lock. Two threads must not use one span at the same time.
 */
#ifndef TP_SPAN_H
#define TP_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/heap/region.h"

#define TP_SPAN_BYTES_MAX ((size_t)1 << 20) /* of the largest span */

/* Return whether a block of @bytes at a multiple of @alignment, a power of two, can be a span. */
static inline bool tp_span_fits(size_t bytes, size_t alignment)
{
	return bytes > TP_REGION_GRANULE_BYTES && bytes <= TP_SPAN_BYTES_MAX && alignment <= TP_REGION_GRANULE_BYTES;
}

/* Take a span of @bytes, for which tp_span_fits. @zero: it must be zeroes. Returns NULL if the chunks are used up. */
void *tp_span_take(size_t bytes, bool zero);

/* Return whether a span begins at @block, an address of the region. */
bool tp_span_is(const void *block);

/* Return the bytes of a span that the program may use: whole pages. */
size_t tp_span_bytes(const void *span);

/*
 * Resize a span to @bytes in place. Returns false, with nothing changed, if @bytes do not fit a span or if the granules
 * after the span are not free.
 */
bool tp_span_resize(void *span, size_t bytes);

/* Give a span back to its chunk. */
void tp_span_give(void *span);

#endif

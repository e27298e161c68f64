/* Spans: the word of each. See span.h. */
#include "shim/heap/span.h"

#include <stdint.h>

#include "shim/heap/chunk.h"
#include "shim/heap/pagemap.h"

/*
 * The word of a span's first granule in the pagemap:
 *
 *   | mark (1 bit) | unused (5) | chunk's number (14) | usable bytes in units (12) |
 */
#define MARK (UINT32_C(1) << 31) /* the word is a span's; a slab's word is a record number, which is lower */
#define UNIT_BYTES ((size_t)4096)
#define UNIT_BITS 12U
#define CHUNK_MASK (TP_CHUNK_NUMBERS - 1)

_Static_assert(TP_SPAN_BYTES_MAX / UNIT_BYTES < 1U << UNIT_BITS, "a span's units fit their bits");
_Static_assert((TP_CHUNK_NUMBERS & CHUNK_MASK) == 0 && TP_CHUNK_NUMBERS << UNIT_BITS <= MARK, "so do chunks' numbers");

static uint32_t *word_of(const void *span)
{
	return tp_pagemap_word(tp_region_granule(span));
}

static uint32_t chunk_of(const void *span)
{
	return *word_of(span) >> UNIT_BITS & CHUNK_MASK;
}

static size_t round_up(size_t bytes, size_t unit)
{
	return (bytes + unit - 1) & ~(unit - 1);
}

static size_t granule_bytes(size_t bytes)
{
	return round_up(bytes, TP_REGION_GRANULE_BYTES);
}

/* Write the word of a span. */
static void enter(void *span, size_t bytes, uint32_t chunk)
{
	size_t usable = round_up(bytes, tp_region_page_bytes());

	*word_of(span) = MARK | chunk << UNIT_BITS | (uint32_t)(usable / UNIT_BYTES);
}

void *tp_span_take(size_t bytes, bool zero)
{
	uint32_t chunk;
	bool fresh;
	void *span = tp_chunk_take(bytes, TP_REGION_GRANULE_BYTES, zero, &chunk, &fresh);

	if (span)
		enter(span, bytes, chunk);
	return span;
}

bool tp_span_is(const void *block)
{
	return (uintptr_t)block % TP_REGION_GRANULE_BYTES == 0 && (*word_of(block) & MARK) != 0;
}

size_t tp_span_bytes(const void *span)
{
	return (*word_of(span) & ((1U << UNIT_BITS) - 1)) * UNIT_BYTES;
}

bool tp_span_resize(void *span, size_t bytes)
{
	if (!tp_span_fits(bytes, 1))
		return false;
	uint32_t chunk = chunk_of(span);
	size_t old_end = granule_bytes(tp_span_bytes(span)), end = granule_bytes(bytes);

	if (end > old_end && !tp_chunk_take_at((char *)span + old_end, end - old_end, chunk))
		return false;
	enter(span, bytes, chunk);
	if (end < old_end)
		tp_chunk_give((char *)span + end, old_end - end, chunk);
	return true;
}

void tp_span_give(void *span)
{
	size_t bytes = granule_bytes(tp_span_bytes(span));
	uint32_t chunk = chunk_of(span);

	*word_of(span) = 0; /* before the granule can be taken again: jemalloc's blocks write no word */
	tp_chunk_give(span, bytes, chunk);
}

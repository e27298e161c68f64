/*
 * Sites: where a program allocates, and how much was sampled there.
 *
 * A site is a stack and a size. Sizes over 128 bytes are rounded down to a sixteenth of their octave, so that a reader
 * who scales a site's sum by its average size is off by less than 0.1 %.
 * Owns the tables, which exist only while a profile is taken. A site is never removed. Lock-free and
 * async-signal-safe: any thread may call.
 */
#ifndef TP_SITE_H
#define TP_SITE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which store would have served a sampled request. The first four are the pools. */
enum tp_site_source {
	TP_SITE_LOCAL,
	TP_SITE_OVERFLOW,
	TP_SITE_STOLEN,
	TP_SITE_VICTIM,
	TP_SITE_SLAB,
	TP_SITE_LARGE,
	TP_SITE_SOURCE_COUNT
};

/* Raw counts of samples, not scaled to estimates. */
struct tp_site_count {
	_Atomic uint64_t objects, bytes;
};

struct tp_site {
	_Atomic uint32_t depth; /* frames; 0 until the site is whole */
	uint32_t hash; /* of the frames and the size */
	uint64_t size; /* bytes: the smallest of its sizes */
	const uintptr_t *frames; /* return addresses, the innermost first */
	struct tp_site_count got[TP_SITE_SOURCE_COUNT]; /* by enum tp_site_source; their sum is what was allocated */
	struct tp_site_count freed;
};

/* Map the tables. Returns false if there is no memory. */
bool tp_site_start(void);

/* Find or add the site of @depth frames, at least one, and @bytes. Returns its number; -1: the tables are full. */
int32_t tp_site_find(const uintptr_t *frames, size_t depth, size_t bytes);

/* Return how many numbers are in use: all below the count. A site that is not whole yet has the depth 0. */
uint32_t tp_site_count(void);

/* Return the site of a number below the count. */
struct tp_site *tp_site_at(uint32_t number);

/* Count one object of @bytes. */
static inline void tp_site_add(struct tp_site_count *count, size_t bytes)
{
	atomic_fetch_add_explicit(&count->objects, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&count->bytes, bytes, memory_order_relaxed);
}

/* Set the counts of all sites to zero, in a forked child. */
void tp_site_start_child(void);

#endif

/*
 * Sites: where a program allocates, and what was sampled there. One site for a stack
 * and a size, sizes over 128 bytes in steps of a sixteenth of their octave: whoever
 * scales a site's sum by its average size is then off by less than 0.1 %.
 *
 * Lock-free and async-signal-safe; a site once added stays. Owns the tables, which
 * exist only while a profile is taken.
 */
#ifndef TP_SITE_H
#define TP_SITE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who serves requests like the sampled one: the first four are pools. */
enum tp_site_source {
	TP_SITE_LOCAL,
	TP_SITE_OVERFLOW,
	TP_SITE_STOLEN,
	TP_SITE_VICTIM,
	TP_SITE_SLAB,
	TP_SITE_LARGE,
	TP_SITE_SOURCE_COUNT
};

/* Objects and their bytes: raw counts of samples. */
struct tp_site_count {
	_Atomic uint64_t objects, bytes;
};

struct tp_site {
	_Atomic uint32_t depth; /* frames; 0 until the site is whole */
	uint32_t hash;
	uint64_t size; /* the lower end of its sizes */
	const uintptr_t *frames;
	struct tp_site_count got[TP_SITE_SOURCE_COUNT]; /* their sum is what was allocated */
	struct tp_site_count freed;
};

/* Map the tables. Returns false where there is no memory. */
bool tp_site_start(void);

/* Find or add the site of a stack (@depth frames, at least one) and a size. Returns its number, or -1: full. */
int32_t tp_site_find(const uintptr_t *frames, size_t depth, size_t bytes);

/* The sites have the numbers from 0 to below the count; one that is not whole yet has the depth 0. */
uint32_t tp_site_count(void);
struct tp_site *tp_site_at(uint32_t number);

static inline void tp_site_add(struct tp_site_count *count, size_t bytes)
{
	atomic_fetch_add_explicit(&count->objects, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&count->bytes, bytes, memory_order_relaxed);
}

/* Set all counts to zero, in a forked child. */
void tp_site_start_child(void);

#endif

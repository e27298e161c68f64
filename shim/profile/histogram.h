/*
 * The histogram: how often each size is asked for, and how long objects live.
 *
 * Only with TIDEPOOL_HISTOGRAM=1, for `tidepool tune` and for people who choose a
 * policy. Without it nothing is mapped, and only slow paths look at one word.
 *
 * Sizes are counted, each request once. Lifetimes are estimated: each request is
 * remembered with a chance of 1 in TP_HISTOGRAM_INTERVAL, whatever its size, so the
 * gaps between two are geometric and every number of sampled objects times that is
 * an unbiased estimate of the number of all. The dice are a hash of the request's
 * size and of its place among those of that size: the same run gives the same
 * samples. How many objects are live at once is estimated the same way, because to
 * know it each live block would have to be remembered: 16 bytes and a cache miss
 * for each, when the frees of another allocator do not tell a size.
 *
 * Any thread, no locks, no allocation; a vfork child counts as its parent.
 */
#ifndef TP_HISTOGRAM_H
#define TP_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/compiler.h"
#include "shim/base/text.h"

#define TP_HISTOGRAM_INTERVAL 64U
#define TP_HISTOGRAM_START_NS 100000000U /* what counts as the start of a program: its first 100 ms */

extern bool tp_histogram_on __attribute__((visibility("hidden"))); /* read-only after start */

/* A remembered object that was taken out of the table. */
struct tp_histogram_sample {
	uint64_t born; /* 0: not one that is remembered */
};

/*
 * Map the tables, if the option asks for them. Once, from start, after the clocks.
 * Errors: one line of warning where there is no memory, and the option is off.
 */
void tp_histogram_start(void);

/* Count from zero, in a forked child. */
void tp_histogram_start_child(void);

void tp_histogram_note_get(const void *block, size_t bytes);
struct tp_histogram_sample tp_histogram_forget(const void *block);
void tp_histogram_note_end(struct tp_histogram_sample sample);
void tp_histogram_remember(struct tp_histogram_sample sample, const void *block);

/* @block was handed out for @bytes. */
static inline void tp_histogram_get(const void *block, size_t bytes)
{
	if (TP_UNLIKELY(tp_histogram_on))
		tp_histogram_note_get(block, bytes);
}

/* @block is given back: before it can be handed out again. */
static inline void tp_histogram_put(const void *block)
{
	if (TP_UNLIKELY(tp_histogram_on))
		tp_histogram_note_end(tp_histogram_forget(block));
}

/* Before another allocator resizes @block, which may free it: what is to be told afterwards. */
static inline struct tp_histogram_sample tp_histogram_begin_resize(const void *block)
{
	return TP_UNLIKELY(tp_histogram_on) ? tp_histogram_forget(block) : (struct tp_histogram_sample){ 0 };
}

/* It became @resized of @bytes; NULL: nothing happened. Moving is a get and a put. */
static inline void tp_histogram_end_resize(
    struct tp_histogram_sample sample, const void *block, const void *resized, size_t bytes)
{
	if (TP_LIKELY(!tp_histogram_on))
		return;
	if (resized && resized != block) {
		tp_histogram_note_end(sample);
		tp_histogram_note_get(resized, bytes);
	} else {
		tp_histogram_remember(sample, block);
	}
}

/* A page with room for a whole dump, or one without room where the option is off. */
struct tp_text tp_histogram_page(void);

/* Add "histogram":{...}, to a JSON dump; nothing where the option is off. */
void tp_histogram_add_json(struct tp_text *text);

#endif

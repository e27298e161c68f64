/*
 * The histogram: how often each size is asked for, and how long objects live. Only with TIDEPOOL_HISTOGRAM=1, for
 * `tidepool tune` and for people who choose a policy. Without that, slow paths test one word, and nothing is mapped.
 *
 * Owns the tables. Any thread may call; no lock, no allocation. What a vfork child does counts as its parent's.
 */
#ifndef TP_HISTOGRAM_H
#define TP_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/compiler.h"
#include "shim/base/text.h"
#include "shim/profile/live_samples.h"

/*
 * Each request is counted under its size. Lifetimes are estimated: a request is sampled, and its object remembered,
 * with a chance of 1 in TP_HISTOGRAM_INTERVAL, whatever its size. So the gaps between two samples are geometric, and a
 * number of sampled objects times the interval is an unbiased estimate of the number of all. The chance is a hash of
 * the request's size and of its number among the requests of that size: the same run gives the same samples.
 * How many objects are live at once is estimated in the same way. To count it exactly, every live block would have to
 * be remembered, at 16 bytes and a cache miss each, as the frees of another allocator do not tell a size.
 */
#define TP_HISTOGRAM_INTERVAL 64U
#define TP_HISTOGRAM_START_NS 100000000U /* the start of a program is its first 100 ms */

extern bool tp_histogram_on __attribute__((visibility("hidden"))); /* read-only after start */

/*
 * Map the tables, if the option asks for them. Called once, by tp_start, after the clocks are read.
 * Errors: if there is no memory, one line of warning, and the option is off.
 */
void tp_histogram_start(void);

/* Count from zero, in a forked child. */
void tp_histogram_start_child(void);

/* Count a request for @bytes that got @block, and remember @block if the request is a sample. For the inlines below. */
void tp_histogram_note_get(const void *block, size_t bytes);

/* Count the end of @block, if it was remembered. For the inlines below. */
void tp_histogram_note_put(const void *block);

/* Take @block out of the table. Returns what was remembered of it. */
struct tp_live_sample tp_histogram_forget(const void *block);

/* Count the end of an object that was taken out of the table. Does nothing if it was not remembered. */
void tp_histogram_note_end(struct tp_live_sample sample);

/* Put an object that was taken out back into the table. Does nothing if it was not remembered. */
void tp_histogram_remember(struct tp_live_sample sample, const void *block);

/* Note that @block was handed out for @bytes. */
static inline void tp_histogram_get(const void *block, size_t bytes)
{
	if (TP_UNLIKELY(tp_histogram_on))
		tp_histogram_note_get(block, bytes);
}

/* Note that @block is given back. Called before another thread can get @block. */
static inline void tp_histogram_put(const void *block)
{
	if (TP_UNLIKELY(tp_histogram_on))
		tp_histogram_note_put(block);
}

/*
 * Begin a resize of @block, which may free @block: it leaves the table before another thread can get its address.
 * Returns what tp_histogram_end_resize has to be told.
 */
static inline struct tp_live_sample tp_histogram_begin_resize(const void *block)
{
	return TP_UNLIKELY(tp_histogram_on) ? tp_histogram_forget(block) : (struct tp_live_sample){ 0 };
}

/* End the resize: @block became @resized of @bytes, or, if that is NULL, is as before. A move counts as get and put. */
static inline void tp_histogram_end_resize(
    struct tp_live_sample sample, const void *block, const void *resized, size_t bytes)
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

/* Return an empty page with room for a whole dump, or one without room if the option is off. */
struct tp_text tp_histogram_page(void);

/* Append "histogram":{...}, to a JSON dump; nothing if the option is off. */
void tp_histogram_add_json(struct tp_text *text);

#endif

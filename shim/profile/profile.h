/*
 * The call-site profile: which requests are sampled, and what becomes of them.
 *
 * While a profile is taken, every get takes the slow path, where its thread counts the bytes (get_counted in
 * entry/allocate.c). A sampled request is served as a large block. The fast path of free refuses large blocks, so it
 * needs no test for samples. The profile says of each sample which store would have served its class.
 * Any thread may call, at any time. A request from within an unwinding, or from a signal handler over one, is not
 * sampled. Without a profile nothing of this is mapped.
 */
#ifndef TP_PROFILE_H
#define TP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/compiler.h"
#include "shim/profile/live_samples.h"

#pragma GCC visibility push(hidden)
extern bool tp_profile_on; /* written once, by tp_profile_start */
extern bool tp_profile_pops; /* also: requests are popped as soon as they are counted: nothing else has to see them */
extern _Thread_local int64_t tp_profile_left; /* bytes until this thread's next sample; below 0: it is due */
#pragma GCC visibility pop

/* Start a profile, if TIDEPOOL_PROFILE asks for one. Called once, by the constructor. Errors: one line. */
void tp_profile_start(void);

/* Count a request for @bytes, at most PTRDIFF_MAX. Returns whether a sample is due. */
static inline bool tp_profile_is_due(size_t bytes)
{
	tp_profile_left -= (int64_t)(bytes + (bytes == 0));
	return TP_UNLIKELY(tp_profile_left < 0);
}

/*
 * Serve a request for which a sample is due. @alignment: a power of two, at least 16. errno is kept.
 * Returns NULL if the request is not sampled after all, or there is no memory.
 */
void *tp_profile_get(size_t bytes, size_t alignment, bool zero);

/*
 * Forget a large block, if it was sampled. Called before the block is freed, and so before another thread can get its
 * address. Returns the bytes it was sampled with; 0: it was not sampled.
 */
size_t tp_profile_put(const void *block);

/*
 * Begin a resize of a large block, which may free it: the block is forgotten before another thread can get its address.
 * Returns whether it was sampled, and as what in @object.
 */
bool tp_profile_begin_resize(const void *block, struct tp_live_sample *object);

/*
 * End the resize. The block became @resized of @bytes, which counts like any request and may be sampled; or, if
 * @resized is NULL, it is as before. @object: what tp_profile_begin_resize returned, or NULL. errno is kept.
 */
void tp_profile_end_resize(const struct tp_live_sample *object, const void *block, const void *resized, size_t bytes);

/* Samples that found no place in the tables, since this process began. */
struct tp_profile_left_out {
	uint64_t objects, bytes; /* of samples in no site */
	uint64_t untracked; /* objects in a site whose free will not be seen */
};

/* Read the counts. */
void tp_profile_read_left_out(struct tp_profile_left_out *left_out);

/* Return how stacks are taken: "unwind" or "fp". */
const char *tp_profile_unwind_name(void);

/* Begin an empty profile, in a forked child. It still knows the parent's objects: their frees count for no site. */
void tp_profile_start_child(void);

#endif

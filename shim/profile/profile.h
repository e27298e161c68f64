/*
 * The call-site profile: which allocations are sampled, and what becomes of them.
 *
 * While it is on, every get takes the slow path, so that each
 * request is counted by its thread: malloc and new are redirected to do so on their hot
 * path (malloc_fast.h), the others pass the slow path; free's fast path
 * needs nothing, as a sampled request is served by the backend, whose blocks it does
 * not know. The pools' share is what would have served the request. Off, nothing of
 * this exists. Any thread, any time; a request from within (an unwinder's, a signal
 * handler's over it) is not sampled.
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
extern _Thread_local int64_t tp_profile_left; /* bytes until this thread's next sample */
#pragma GCC visibility pop

/* Start, if TIDEPOOL_PROFILE asks for it. Called once, from the constructor. */
void tp_profile_start(void);

/* Count a request of at most PTRDIFF_MAX @bytes. Returns whether it is to be sampled. */
static inline bool tp_profile_is_due(size_t bytes)
{
	tp_profile_left -= (int64_t)(bytes + (bytes == 0));
	return TP_UNLIKELY(tp_profile_left < 0);
}

/* Serve a request that is due. Returns NULL where it is not sampled after all, or there is no memory. */
void *tp_profile_get(size_t bytes, size_t alignment, bool zero);

/* A block of the backend is about to be freed. Returns the bytes it was sampled with; 0: it was not. */
size_t tp_profile_put(const void *block);

/*
 * A block of the backend is about to be resized: it is as if freed, so that another
 * thread may be given its address. Returns whether it was sampled, as @object.
 */
bool tp_profile_begin_resize(const void *block, struct tp_live_sample *object);

/*
 * It has become @resized of @bytes, which counts like any request and may be sampled;
 * NULL: it is as it was. @object is what it was sampled as, or NULL.
 */
void tp_profile_end_resize(const struct tp_live_sample *object, const void *resized, size_t bytes);

/* What was sampled and found no place in the tables. */
struct tp_profile_left_out {
	uint64_t objects, bytes; /* in no site */
	uint64_t untracked; /* of which it will not be seen when they are freed */
};
void tp_profile_read_left_out(struct tp_profile_left_out *left_out);

/* How stacks are taken: unwind or fp. */
const char *tp_profile_unwind_name(void);

/* A forked child begins an empty profile, and knows its parent's objects. */
void tp_profile_start_child(void);

#endif

/*
 * Restartable sequences: one contract, and an implementation for each architecture.
 *
 * x86_64 has the sections in assembly. generic refuses every attempt, so that all work is done under the locks of
 * the caches. A thread without a registration is refused too. Owns no data. Any thread may call.
 */
#ifndef TP_RSEQ_H
#define TP_RSEQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) && !defined(TP_NO_RSEQ)
#include "shim/arch/x86_64/rseq_fast.h"
#else
#include "shim/arch/generic/rseq_fast.h"
#endif

/*
 * Find libc's rseq registration. Sets *@area_offset and *@cpu_offset, the thread offsets of struct rseq and of the
 * number to use: mm_cid if the kernel keeps it, else cpu_id. Sets *@stays to whether that number is always the same
 * in a process with one thread, as mm_cid is.
 * Returns false if there is no registration. Source: rseq(2), AT_RSEQ_FEATURE_SIZE.
 */
bool tp_rseq_find_registration(intptr_t *area_offset, intptr_t *cpu_offset, bool *stays);

/*
 * Register the calling thread's area again, which the kernel forgets in a vfork child.
 * Returns whether the area is registered. errno is kept.
 */
bool tp_rseq_register(intptr_t area_offset);

/* Return the number of the calling thread's cache at this moment, or a negative number without a registration. */
int tp_rseq_cpu(void);

/*
 * Push up to @count @objects on the stack numbered @stack on this CPU.
 * Returns how many: fewer if the stack becomes full, 0 if it is closed or the thread has no registration.
 */
size_t tp_rseq_push_batch(intptr_t stack, void *const *objects, size_t count);

/*
 * Pop up to @count objects, the newest ones, to the places before @end: the newest lies last.
 * Returns how many: fewer if the stack becomes empty, 0 as above.
 */
size_t tp_rseq_pop_batch(intptr_t stack, void **end, size_t count);

/* A stack that is to lie elsewhere in its cache. */
struct tp_rseq_move {
	struct tp_cache *cache;
	uint64_t header, moved; /* the header as it must still be, and as it will be */
	void **from, **to; /* the slots that are in use, and their new places; the two ranges do not overlap */
	size_t count; /* slots in use */
};

/*
 * Move the slots of the stack numbered @stack and set its header, if move->cache is this CPU's and the header is
 * still the same. Returns whether that was so.
 */
bool tp_rseq_move(intptr_t stack, const struct tp_rseq_move *move);

#endif

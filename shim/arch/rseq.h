/*
 * The restartable sections of this CPU architecture: one contract, several owners.
 * x86_64 has them in assembly; generic refuses every one, so that all work goes
 * through the locks of shim/pool/cache.c.
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
 * Find libc's rseq registration. Sets the thread offsets of struct rseq and of
 * the CPU number to use: mm_cid where the kernel keeps it, else cpu_id; and whether
 * that number is always the same in a process with one thread.
 * Returns false where there is none. Source: rseq(2), AT_RSEQ_FEATURE_SIZE.
 */
bool tp_rseq_find_registration(intptr_t *area_offset, intptr_t *cpu_offset, bool *stays);

/* Register the calling thread's area again if the kernel forgot it. Returns whether it is registered. */
bool tp_rseq_register(intptr_t area_offset);

/* The calling thread's cache number at this moment, or negative when it has no registration. */
int tp_rseq_cpu(void);

/*
 * Put up to @count objects on this CPU's stack; take up to @count newest ones off
 * it, to the places before @end. Returns how many.
 */
size_t tp_rseq_push_batch(intptr_t stack, void *const *objects, size_t count);
size_t tp_rseq_pop_batch(intptr_t stack, void **end, size_t count);

/* What a stack is to become, and what it must be for that. */
struct tp_rseq_move {
	struct tp_cache *cache;
	uint64_t header, moved; /* as it is, as it will be */
	void **from, **to; /* its slots; the two ranges do not overlap */
	size_t count;
};

/*
 * Move a stack's slots and give it another header, if move->cache is this CPU's and
 * the header is still the same. Returns whether that was so.
 */
bool tp_rseq_move(intptr_t stack, const struct tp_rseq_move *move);

#endif

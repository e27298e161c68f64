/*
 * The tally: what the stacks of all CPUs have done and hold. Headers count while they are open; what those
 * of sealed caches counted is kept here. Any thread may call.
 */
#ifndef TP_TALLY_H
#define TP_TALLY_H

#include <stdint.h>

#include "shim/pool/cpus.h"

/* Close the drained stacks of a sealed cache, and keep what its headers counted. Under its lock. */
void tp_tally_seal(struct tp_cache *cache);

/* Sums over all caches of one stack: a class's, or its strays'. */
struct tp_tally {
	uint64_t operations; /* pops and pushes on stacks, since the process began */
	uint64_t depth[TP_TABLE_GENERATIONS]; /* objects in stacks and overflows of a generation now */
	uint64_t capacity; /* slots of the primary stacks now */
	uint64_t reserved; /* objects that the budgets count for it: these slots, and what else is held */
};
void tp_tally_read(int stack, struct tp_tally *counts);

#endif

/*
 * Statistics: what the counters of caches, slabs and backend add up to.
 *
 * Read without locks, so that shim/report/dump.c works in a signal handler and at the end of a
 * program whose threads still run; exact when nothing else runs. The counters and
 * their meaning: policy/stats.def.
 */
#ifndef TP_COUNTERS_H
#define TP_COUNTERS_H

#include <stdint.h>

#include "shim/pool/cpus.h"

/* Close the drained stacks of a sealed cache, and keep what its headers counted. Under its lock. */
void tp_counters_seal(struct tp_cache *cache);

/* Sums over all caches of one stack: a class's, or its remotes'. */
struct tp_counters_stack {
	uint64_t operations; /* pops and pushes on stacks, since the process began */
	uint64_t depth[TP_CPUS_GENERATIONS]; /* objects in stacks and overflows of a generation now */
	uint64_t capacity; /* slots of the primary stacks now */
	uint64_t reserved; /* objects that the budgets count for it: these slots, and what else is held */
};
void tp_counters_read_stack(int stack, struct tp_counters_stack *counts);

/* One class's counters, or their sum. */
struct tp_counters_row {
#define TP_STAT(field, group, name, column, help) uint64_t field;
#include "policy/stats.def"
};

/* Requests over the largest pooled size. */
struct tp_counters_large {
	uint64_t gets;
	uint64_t puts;
	uint64_t bytes;
	uint64_t live_bytes;
};

/* Read the counters of a class since this process began. */
void tp_counters_read(unsigned class_index, struct tp_counters_row *row);
void tp_counters_read_large(struct tp_counters_large *large);

/*
 * The same since the program began, also in a forked child: what is out now is
 * a difference that only these have.
 */
void tp_counters_read_whole(unsigned class_index, struct tp_counters_row *row);
void tp_counters_read_large_whole(struct tp_counters_large *large);

/* A forked child counts from zero: remember what the parent had. */
void tp_counters_start_child(void);

#endif

/*
 * The counters: what each class's stacks, slabs and large blocks have counted, added up over all CPUs.
 *
 * Read without locks, so that a dump works in a signal handler and at the end of a program whose threads still run.
 * Exact while no other thread runs. Owns what closed stacks had counted, and what a forked child subtracts. Any thread
 * may call. policy/stats.def says what each counter means.
 */
#ifndef TP_COUNTERS_H
#define TP_COUNTERS_H

#include <stdint.h>

#include "shim/pool/cpus.h"

/* Close the stacks of a drained cache, and keep what their headers counted. The caller holds the cache's lock. */
void tp_counters_seal(struct tp_cache *cache);

/* One stack number's counts, added up over all CPUs. */
struct tp_counters_stack {
	uint64_t operations; /* pops and pushes of single objects, since the program began */
	uint64_t depth[TP_CPUS_GENERATIONS]; /* objects in stacks and overflows now, by generation */
	uint64_t capacity; /* slots of the primary generation's stacks now */
	uint64_t reserved; /* objects that the budgets count: these slots, and what overflows and victims hold */
};

/* Read the counts of a stack number. */
void tp_counters_read_stack(int stack, struct tp_counters_stack *counts);

/* The counters of one class, or of all classes together. */
struct tp_counters_row {
#define TP_STAT(field, group, name, column, help) uint64_t field;
#include "policy/stats.def"
};

/* Requests over the largest pooled size, and sampled ones. */
struct tp_counters_large {
	uint64_t gets;
	uint64_t puts;
	uint64_t bytes; /* that these gets asked for */
	uint64_t live_bytes; /* usable bytes out now */
};

/* Read the counters of a class, or of large requests, since this process began. */
void tp_counters_read(unsigned class_index, struct tp_counters_row *row);
void tp_counters_read_large(struct tp_counters_large *large);

/*
 * Read the same since the program began: a forked child goes on from what its parent had. Only so are gets less puts
 * the objects that are out now, as the child has those of its parent.
 */
void tp_counters_read_whole(unsigned class_index, struct tp_counters_row *row);
void tp_counters_read_large_whole(struct tp_counters_large *large);

/* Count from zero, in a forked child: remember what the parent had counted. */
void tp_counters_start_child(void);

#endif

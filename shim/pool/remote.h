/*
 * Remote objects: freed objects of owned classes, on the way to the CPU that is their slab's owner.
 *
 * The CPU that frees a remote object keeps it on a separate stack of the class, which serves no get. When that stack is
 * full, all its objects go to the overflows of their owners. There they serve gets again, so that two CPUs seldom write
 * to one cache line. What waits for two ticks goes to the slabs, as all that is held. Owns no data. Any thread may
 * call, holding no lock.
 */
#ifndef TP_REMOTE_H
#define TP_REMOTE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Empty this CPU's stack of a class's remotes. Each object goes to its owner's overflow. It goes to its slab if that
 * overflow or a budget is full, or the owner does not use the class.
 * Errors: stops the program if it sees that an object was freed twice.
 */
void tp_remote_send(unsigned class_index);

/* Give the remotes of a generation of victims to their slabs. The caller holds tp_turn_lock. Errors: as above. */
void tp_remote_drain(unsigned generation);

/* The remotes of a class, on all CPUs. All 0 for a class that is not owned. */
struct tp_remote_counts {
	uint64_t puts; /* objects put as remotes, since the program began */
	uint64_t waiting[2]; /* objects on stacks now, by generation */
	uint64_t reserved; /* objects that the budgets count: slots of the primary generation, and what victims hold */
};

/* Read the counts of a class. Exact while no other thread runs. */
void tp_remote_read_counts(unsigned class_index, struct tp_remote_counts *counts);

#endif

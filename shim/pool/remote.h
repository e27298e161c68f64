/*
 * Remote objects: freed objects of owned classes whose owner is another CPU.
 *
 * A CPU collects them on a stack for each class, and sends them owner in
 * batches: there they serve again, and no two CPUs write to one cache line. What
 * waits for two ticks goes to the slabs, like all that is held. Any thread may call,
 * holding no lock.
 */
#ifndef TP_REMOTE_H
#define TP_REMOTE_H

#include <stddef.h>
#include <stdint.h>

/* Empty this CPU's stack of a class's remotes: to the overflows of their owners, or to slabs where those are full. */
void tp_remote_send_owner(unsigned class_index);

/* Give remotes of a victim, which nobody takes from, to their slabs. */
void tp_remote_drain(unsigned generation);

/*
 * What of a class has been put as a remote, in all, and how many wait now, by generation; all 0 of one that is not
 * owned.
 */
struct tp_remote_counts {
	uint64_t puts;
	uint64_t waiting[2];
	uint64_t reserved; /* objects that the budgets count for them */
};

/* Exact while nobody puts or sends; the hints of a moment else. */
void tp_remote_read_counts(unsigned class_index, struct tp_remote_counts *counts);

#endif

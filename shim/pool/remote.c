/* Remote objects: sorted by owner, sent, and counted. See remote.h. */
#include "shim/pool/remote.h"

#include <stdbool.h>

#include "shim/base/output.h"
#include "shim/heap/pagemap.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/pool/stack.h"
#include "shim/pool/steal.h"

#define BATCH (TP_CLASS_REMOTE_MAX + 1U) /* all of a full stack */
#define NO_NUMBER UINT32_MAX

/* Find a CPU of @owner that uses a class: its stack is open. Returns the CPU's number, or NO_NUMBER. */
static unsigned find_receiver(unsigned owner, unsigned class_index)
{
	for (unsigned number = owner; owner != TP_PAGEMAP_NO_OWNER && number < tp_cpus_number_count();
	     number += TP_PAGEMAP_OWNERS) {
		struct tp_cpu *cpu = tp_cpus_at(number);

		if (cpu && tp_cache_capacity(cpu->caches[tp_cpus_primary()], TP_CLASS_STACK(class_index)) > 0)
			return number;
	}
	return NO_NUMBER;
}

/*
 * Stop the program if an object's slab is no more, or has become another class's. This can happen to an object that
 * waits here only if it was freed twice, as a slab goes when all its objects are free.
 */
static void check(unsigned class_index, void *const *objects, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tp_pagemap_class(objects[i]) != class_index)
			tp_output_fatal_free(objects[i], "was freed before");
}

/* Send objects of one owner. */
static void deliver(unsigned class_index, unsigned owner, void *const *objects, size_t count)
{
	unsigned receiver = find_receiver(owner, class_index);
	size_t kept = receiver != NO_NUMBER ? tp_steal_offer(receiver, class_index, objects, count) : 0;

	if (kept < count)
		tp_slab_give(class_index, objects + kept, count - kept, TP_SLAB_FLUSH);
}

void tp_remote_send(unsigned class_index)
{
	void *objects[BATCH], *batch[BATCH];
	size_t left = tp_stack_pop_batch(TP_CLASS_REMOTE(class_index), objects, BATCH);

	check(class_index, objects, left);
	while (left > 0) {
		unsigned owner = tp_pagemap_owner(objects[0]);
		size_t others = 0, count = 1;

		batch[0] = objects[0]; /* without asking again: its slab may get another owner meanwhile */
		for (size_t i = 1; i < left; i++)
			if (tp_pagemap_owner(objects[i]) == owner)
				batch[count++] = objects[i];
			else
				objects[others++] = objects[i];
		deliver(class_index, owner, batch, count);
		left = others;
	}
}

void tp_remote_drain(unsigned generation)
{
	void *objects[BATCH];
	size_t count;

	for (unsigned i = 1; i < tp_classes.count; i++)
		while (tp_classes.row[i].owned &&
		       (count = tp_steal_drain(generation, TP_CLASS_REMOTE(i), objects, BATCH)) > 0) {
			check(i, objects, count);
			tp_slab_give(i, objects, count, TP_SLAB_DRAIN);
		}
}

void tp_remote_read_counts(unsigned class_index, struct tp_remote_counts *counts)
{
	struct tp_counters_stack sum;

	*counts = (struct tp_remote_counts){ 0 };
	if (!tp_classes.row[class_index].owned)
		return;
	tp_counters_read_stack(TP_CLASS_REMOTE(class_index), &sum); /* all pushes: no single one is popped */
	counts->puts = sum.operations;
	counts->reserved = sum.reserved;
	for (unsigned generation = 0; generation < TP_CPUS_GENERATIONS; generation++)
		counts->waiting[generation] = sum.depth[generation];
}

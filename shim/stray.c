/* Strays: sorted by home and class, and counted. See stray.h. */
#include "shim/stray.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "shim/region.h"
#include "shim/share.h"
#include "shim/slab.h"
#include "shim/stack.h"
#include "shim/table.h"

#define BATCH 128U /* more than a CPU keeps */

/* Strays that wait no longer, by class. */
static _Atomic uint64_t sent[TP_CLASS_LIMIT];

/* What says where an object goes. */
static unsigned kind_of(const void *object)
{
	return tp_hot_class_map[tp_region_granule(object)];
}

/* Whether the CPU that is @home has a use for objects of a class now: its stack is open. */
static bool wants(unsigned home, unsigned class_index)
{
	struct tp_cpu *cpu = home < tp_table_number_count() ? tp_table_cpu(home) : NULL;

	return cpu && tp_cache_capacity(cpu->stacks[tp_table_primary()], class_index) > 0;
}

/* Strays of one class for one home. */
static void deliver(unsigned kind, void *const *objects, size_t count)
{
	unsigned class_index = tp_region_class_of_kind(kind), home = tp_region_home_of_kind(kind);
	size_t kept = 0;

	atomic_fetch_add_explicit(&sent[class_index], count, memory_order_relaxed);
	if (wants(home, class_index))
		kept = tp_share_put(home, class_index, objects, count);
	if (kept < count)
		tp_slab_give(class_index, objects + kept, count - kept, TP_SLAB_FLUSH);
}

void tp_stray_send_home(void)
{
	void *objects[BATCH], *batch[BATCH];
	size_t left = tp_stack_empty(TP_CLASS_STRAYS, objects, BATCH);

	while (left > 0) {
		unsigned kind = kind_of(objects[0]);
		size_t others = 0, count = 0;

		for (size_t i = 0; i < left; i++)
			if (kind_of(objects[i]) == kind)
				batch[count++] = objects[i];
			else
				objects[others++] = objects[i];
		deliver(kind, batch, count);
		left = others;
	}
}

void tp_stray_drain(unsigned generation)
{
	void *objects[BATCH];
	size_t count;

	while ((count = tp_share_drain(generation, TP_CLASS_STRAYS, objects, BATCH)) > 0)
		for (size_t i = 0; i < count; i++) {
			unsigned class_index = tp_region_class(objects[i]);

			atomic_fetch_add_explicit(&sent[class_index], 1, memory_order_relaxed);
			tp_slab_give(class_index, &objects[i], 1, TP_SLAB_DRAIN);
		}
}

/* How many objects of a class lie on a cache's stack of strays. */
static uint64_t waiting_in(struct tp_cache *cache, unsigned class_index)
{
	unsigned strays = TP_CLASS_STRAYS;
	uint64_t header = tp_cache_header(cache, strays), waiting = 0;
	size_t depth = tp_cache_depth(cache, strays);

	for (size_t i = 1; i <= depth; i++) {
		const void *object = atomic_load_explicit(tp_cache_slot(cache, header) - i, memory_order_relaxed);

		waiting += tp_region_holds(object) && tp_region_class(object) == class_index;
	}
	return waiting;
}

void tp_stray_read_counts(unsigned class_index, struct tp_stray_counts *counts)
{
	*counts = (struct tp_stray_counts){ .puts = atomic_load_explicit(&sent[class_index], memory_order_relaxed) };
	if (!tp_classes.row[class_index].homed)
		return;
	for (unsigned number = 0; number < tp_table_number_count(); number++) {
		struct tp_cpu *cpu = tp_table_cpu(number);

		for (unsigned generation = 0; cpu && generation < TP_TABLE_GENERATIONS; generation++) {
			uint64_t waiting = waiting_in(cpu->stacks[generation], class_index);

			counts->waiting[generation] += waiting;
			counts->puts += waiting;
		}
	}
}

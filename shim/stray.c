/* Strays: sorted by home and class, and counted. See stray.h. */
#include "shim/stray.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "shim/fatal.h"
#include "shim/region.h"
#include "shim/share.h"
#include "shim/slab.h"
#include "shim/stack.h"
#include "shim/table.h"

#define BATCH (TP_CLASS_STRAYS_MAX + 1U)
#define NOBODY UINT32_MAX

/* Strays that wait no longer, by class. */
static _Atomic uint64_t sent[TP_CLASS_LIMIT];

/* What says where an object goes. */
static unsigned kind_of(const void *object)
{
	return tp_hot_class_map[tp_region_granule(object)];
}

/* The number of a CPU that is @home and has a use for objects of a class, as its stack is open; NOBODY: there is none. */
static unsigned find_user(unsigned home, unsigned class_index)
{
	for (unsigned number = home; home != TP_REGION_NO_HOME && number < tp_table_number_count();
	     number += TP_REGION_HOMES) {
		struct tp_cpu *cpu = tp_table_cpu(number);

		if (cpu && tp_cache_capacity(cpu->stacks[tp_table_primary()], class_index) > 0)
			return number;
	}
	return NOBODY;
}

/* The class of a stray. Its slab can only have gone, or become another class's, if all of it was free. */
static unsigned class_of(const void *object)
{
	unsigned class_index = tp_region_class(object);

	if (!tp_classes.row[class_index].homed)
		tp_fatal_free(object, "was freed before");
	return class_index;
}

/* Strays of one class for one home. */
static void deliver(unsigned kind, void *const *objects, size_t count)
{
	unsigned class_index = class_of(objects[0]);
	unsigned user = find_user(tp_region_home_of_kind(kind), class_index);
	size_t kept = 0;

	atomic_fetch_add_explicit(&sent[class_index], count, memory_order_relaxed);
	if (user != NOBODY)
		kept = tp_share_put(user, class_index, objects, count);
	if (kept < count)
		tp_slab_give(class_index, objects + kept, count - kept, TP_SLAB_FLUSH);
}

void tp_stray_send_home(void)
{
	void *objects[BATCH], *batch[BATCH];
	size_t left = tp_stack_empty(TP_CLASS_STRAYS, objects, BATCH);

	while (left > 0) {
		unsigned kind = kind_of(objects[0]);
		size_t others = 0, count = 1;

		batch[0] = objects[0]; /* whatever its kind is by now: a slab may be handed over meanwhile */
		for (size_t i = 1; i < left; i++)
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
			unsigned class_index = class_of(objects[i]);

			atomic_fetch_add_explicit(&sent[class_index], 1, memory_order_relaxed);
			tp_slab_give(class_index, &objects[i], 1, TP_SLAB_DRAIN);
		}
}

/* How many objects of a class lie on a cache's stack of strays. */
static uint64_t waiting_in(struct tp_cache *cache, unsigned class_index)
{
	unsigned bottom = tp_cache_bottom(cache, TP_CLASS_STRAYS);
	size_t depth = tp_cache_depth(cache, TP_CLASS_STRAYS);
	uint64_t waiting = 0;

	for (size_t i = 0; i < depth; i++) {
		const void *object = atomic_load_explicit(tp_cache_slot(cache, bottom) + i, memory_order_relaxed);

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

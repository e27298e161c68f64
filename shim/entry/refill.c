/* The pool of a class behind its hot path. See pool.h. */
#include "shim/entry/refill.h"

#include <stdbool.h>

#include "shim/heap/pagemap.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/cpus.h"
#include "shim/pool/remote.h"
#include "shim/pool/stack.h"
#include "shim/pool/steal.h"
#include "shim/tick/admission.h"
#include "shim/tick/timer.h"

/* Put objects on this CPU's stack, which gets slots for them up to @limit. Returns how many it took. */
static size_t fill(unsigned class_index, void *const *objects, size_t count, unsigned limit)
{
	size_t filled = tp_stack_push_batch(TP_CLASS_STACK(class_index), objects, count);

	while (filled < count && tp_stack_grow(TP_CLASS_STACK(class_index), limit))
		filled += tp_stack_push_batch(TP_CLASS_STACK(class_index), objects + filled, count - filled);
	return filled;
}

/* Objects that the policy wants on a CPU's stacks before their first use. */
static void warm_up(void)
{
	void *objects[TP_CLASS_BATCH_MAX];

	for (unsigned i = 1; i < tp_classes.count; i++) {
		size_t left = tp_classes.row[i].warm_count;
		unsigned limit = tp_admission_limit(i);

		while (left > 0 && limit > 0) {
			size_t count = left < TP_CLASS_BATCH_MAX ? left : TP_CLASS_BATCH_MAX;
			size_t taken = tp_slab_take(i, tp_cpus_owner(), objects, count, TP_SLAB_WARM);
			size_t kept = fill(i, objects, taken, limit);

			if (kept < taken)
				tp_slab_give(i, objects + kept, taken - kept, TP_SLAB_UNDO);
			if (kept == 0)
				break;
			left -= kept;
		}
	}
}

/* Whether this thread can have stacks on its CPU, which it then has. */
static bool has_stacks(void)
{
	if (!tp_cpus_usable())
		return false;
	enum tp_cpus_ensured cpu = tp_cpus_ensure();

	if (cpu == TP_CPUS_CREATED)
		warm_up();
	return cpu != TP_CPUS_NO_MEMORY;
}

/* Open this CPU's stack of a class for a miss. Returns the slots it may have; 0: it has none. */
static unsigned open_stack(unsigned class_index)
{
	unsigned limit = tp_admission_ask(class_index);

	if (limit == 0 || !has_stacks())
		return 0;
	return tp_stack_capacity(TP_CLASS_STACK(class_index)) > 0 || tp_stack_grow(TP_CLASS_STACK(class_index), limit)
		   ? limit
		   : 0;
}

/* How many objects a miss takes from the slabs: one to hand out, and no more than the stack has room for. */
static size_t refill_count(unsigned class_index)
{
	size_t slots = tp_stack_capacity(TP_CLASS_STACK(class_index));
	size_t refill = tp_classes.row[class_index].refill_count;

	return slots < refill ? slots + 1 : refill;
}

/* How many it moves from other stacks to this one. */
static size_t batch_count(unsigned class_index)
{
	size_t half = (tp_stack_capacity(TP_CLASS_STACK(class_index)) + 1) / 2;
	size_t refill = refill_count(class_index);

	return half > refill ? half : refill;
}

/* A miss: take a batch from other stacks or the slabs, keep one, put the rest on the CPU's stack. */
static void *get_missed(unsigned class_index)
{
	void *objects[TP_CLASS_BATCH_MAX];
	unsigned limit = open_stack(class_index);
	enum tp_slab_reason rest = TP_SLAB_FLUSH;

	size_t taken = tp_steal_take(class_index, objects, limit > 0 ? batch_count(class_index) : 1);
	if (taken == 0) {
		size_t count = limit > 0 ? refill_count(class_index) : 1;

		taken = tp_slab_take(class_index, tp_cpus_owner(), objects, count, TP_SLAB_GET);
		rest = TP_SLAB_UNDO;
	}
	if (taken == 0)
		return NULL;
	/* The newest of a stack, the lowest address of a slab: the one to hand out is the last. */
	void *object = objects[--taken];
	size_t kept = taken > 0 ? fill(class_index, objects, taken, limit) : 0;
	if (kept < taken)
		tp_slab_give(class_index, objects + kept, taken - kept, rest);
	return object;
}

void *tp_refill_get(unsigned class_index)
{
	tp_timer_notice();
	void *object = tp_stack_pop(TP_CLASS_STACK(class_index));

	return object ? object : get_missed(class_index);
}

/* Half of a full stack makes room: to the overflow, or to slabs where that or a budget is full. */
static void flush(unsigned class_index)
{
	void *objects[TP_CLASS_BATCH_MAX];
	size_t count = tp_stack_pop_batch(
	    TP_CLASS_STACK(class_index), objects, (tp_stack_capacity(TP_CLASS_STACK(class_index)) + 1) / 2);
	size_t kept = count > 0 ? tp_steal_offer(tp_cpus_current_number(), class_index, objects, count) : 0;

	if (kept < count)
		tp_slab_give(class_index, objects + kept, count - kept, TP_SLAB_FLUSH);
}

/* Whether another CPU than this one is the owner of @object. */
static bool is_remote(unsigned class_index, const void *object)
{
	unsigned owner = tp_pagemap_owner(object);

	return tp_classes.row[class_index].owned && owner != TP_PAGEMAP_NO_OWNER && owner != tp_cpus_owner();
}

/* Put a remote with the others, if its class is pooled; where they have no more room, send them all owner first. */
static bool put_remote(unsigned class_index, void *object)
{
	int stack = TP_CLASS_REMOTE(class_index);

	if (tp_admission_limit(class_index) == 0 || !has_stacks())
		return false;
	if (tp_stack_push(stack, object))
		return true;
	if (!tp_stack_grow(stack, TP_CLASS_REMOTE_MAX) && tp_stack_capacity(stack) > 0)
		tp_remote_send_owner(class_index);
	return tp_stack_push(stack, object);
}

void tp_refill_put(unsigned class_index, void *object)
{
	tp_timer_notice();
	if (is_remote(class_index, object) && put_remote(class_index, object))
		return;
	if (tp_stack_push(TP_CLASS_STACK(class_index), object))
		return;
	unsigned limit = tp_admission_limit(class_index);

	if (limit > 0 && has_stacks()) {
		if (!tp_stack_grow(TP_CLASS_STACK(class_index), limit))
			flush(class_index);
		if (tp_stack_push(TP_CLASS_STACK(class_index), object))
			return;
	}
	tp_slab_give(class_index, &object, 1, TP_SLAB_DROP);
}

/* Refill: misses, full stacks, remote objects. See refill.h. */
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

/*
 * Nothing in this file holds the thread on its CPU. At every line the thread may be on another CPU than at the line
 * before, other threads may have used the stacks of both CPUs, and the generations may have turned. Three rules make
 * every line safe:
 *
 *   step     A call of tp_stack_push, _pop, _push_batch or _pop_batch finds the CPU itself, and is one step on one
 *            stack of that CPU: a section, which restarts if the thread is moved, or code under the cache's lock. A
 *            call that is refused has changed nothing. tp_stack_grow is such a step too; if the thread is moved
 *            meanwhile, its section does not restart but refuses.
 *   array    Between two steps the objects are in an array of this thread, and no other thread knows them. Every step
 *            returns how many objects it took, and the rest goes to the slabs. So no object is lost or handed out
 *            twice, whichever CPU the next step is on.
 *   hint     What is read of a CPU is a hint at the next line: the slots of its stack, its number, its owner, that it
 *            has caches. A stale hint moves more objects or fewer, or puts an object on the stack of a CPU that is
 *            not its owner, so that two CPUs may write to one cache line. That costs time, and nothing else. A count
 *            of objects is at most TP_CLASS_BATCH_MAX, whichever CPU's slots it was made of.
 *
 * The comments below name the rule, if a line relies on one.
 */

/* Put objects on this CPU's stack, which grows for them up to @limit slots. Returns how many the stack took. */
static size_t fill(unsigned class_index, void *const *objects, size_t count, unsigned limit)
{
	size_t filled = tp_stack_push_batch(TP_CLASS_STACK(class_index), objects, count);

	/*
	 * step: on another CPU the stack may be closed or full. Then that stack grows, or cannot and so ends the loop.
	 * If the thread is moved between growing and pushing, the slots stay with the stack that got them.
	 */
	while (filled < count && tp_stack_grow(TP_CLASS_STACK(class_index), limit))
		filled += tp_stack_push_batch(TP_CLASS_STACK(class_index), objects + filled, count - filled);
	return filled;
}

/* Put on this CPU's stacks what the policy wants there before their first use. */
static void warm_up(void)
{
	void *objects[TP_CLASS_BATCH_MAX];

	for (unsigned i = 1; i < tp_classes.count; i++) {
		size_t left = tp_classes.row[i].warm_count;
		unsigned limit = tp_admission_limit(i);

		while (left > 0 && limit > 0) {
			size_t count = left < TP_CLASS_BATCH_MAX ? left : TP_CLASS_BATCH_MAX;
			/* hint: if the thread is moved, the stack of the other CPU gets the objects. */
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

/*
 * Create this CPU's caches, if it has none. Returns false if that is impossible.
 * hint: the answer is about the CPU of this moment. On a CPU without caches every push is refused, and every stack has
 * no slots and cannot grow.
 */
static bool has_stacks(void)
{
	if (!tp_cpus_usable())
		return false; /* a thread without a registration, or the pools are closed for a vfork child */
	enum tp_cpus_ensured cpu = tp_cpus_ensure();

	if (cpu == TP_CPUS_CREATED)
		warm_up();
	return cpu != TP_CPUS_NO_MEMORY;
}

/* Open this CPU's stack of a class for a miss. Returns how many slots it may have; 0: there is no stack to fill. */
static unsigned open_stack(unsigned class_index)
{
	unsigned limit = tp_admission_ask(class_index);

	if (limit == 0 || !has_stacks())
		return 0;
	/* hint: the two calls may be about two CPUs. The answer only says how much a miss takes; fill looks again. */
	return tp_stack_capacity(TP_CLASS_STACK(class_index)) > 0 || tp_stack_grow(TP_CLASS_STACK(class_index), limit)
		   ? limit
		   : 0;
}

/*
 * Return how many objects a miss takes from the slabs: one to hand out, and for the stack no more than it has slots.
 * hint: the slots are those of the CPU of this moment.
 */
static size_t refill_count(unsigned class_index)
{
	size_t slots = tp_stack_capacity(TP_CLASS_STACK(class_index));
	size_t refill = tp_classes.row[class_index].refill_count;

	return slots < refill ? slots + 1 : refill;
}

/* Return how many objects a miss takes from other stacks: half of this stack's slots, or more. hint, as above. */
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
	enum tp_slab_reason rest = TP_SLAB_FLUSH; /* if objects are left over, how they count */

	/*
	 * hint: tp_steal_take begins with the CPU of this moment, and tp_slab_take is given the owner of this moment.
	 * If the thread is moved after that, the objects are as good for the other CPU, but may share cache lines.
	 */
	size_t taken = tp_steal_take(class_index, objects, limit > 0 ? batch_count(class_index) : 1);
	if (taken == 0) {
		size_t count = limit > 0 ? refill_count(class_index) : 1;

		taken = tp_slab_take(class_index, tp_cpus_owner(), objects, count, TP_SLAB_GET);
		rest = TP_SLAB_UNDO;
	}
	if (taken == 0)
		return NULL;
	/* The last one is handed out: it is the newest of its stack, or has the lowest address in its slab. */
	void *object = objects[--taken];
	/* array: what the stack of whichever CPU does not take goes back to the slabs. */
	size_t kept = taken > 0 ? fill(class_index, objects, taken, limit) : 0;
	if (kept < taken)
		tp_slab_give(class_index, objects + kept, taken - kept, rest);
	return object;
}

void *tp_refill_get(unsigned class_index)
{
	tp_timer_notice();
	/* step: the fast path may have missed on another CPU or in another generation, or there was none. */
	void *object = tp_stack_pop(TP_CLASS_STACK(class_index));

	return object ? object : get_missed(class_index);
}

/* Empty half of a full stack: to the overflow, or to the slabs if the overflow or a budget is full. */
static void flush(unsigned class_index)
{
	void *objects[TP_CLASS_BATCH_MAX];

	/*
	 * The three calls may be about three CPUs. hint: the slots say how many objects to take. step: they are taken
	 * from one stack, which need not be the full one. array: the overflow of any CPU may have them, as it is
	 * under a lock. Objects of an owned class may then serve a CPU that is not their owner, and share cache lines.
	 */
	size_t count = tp_stack_pop_batch(
	    TP_CLASS_STACK(class_index), objects, (tp_stack_capacity(TP_CLASS_STACK(class_index)) + 1) / 2);
	size_t kept = count > 0 ? tp_steal_offer(tp_cpus_current_number(), class_index, objects, count) : 0;

	if (kept < count)
		tp_slab_give(class_index, objects + kept, count - kept, TP_SLAB_FLUSH);
}

/*
 * Whether another CPU than this one is the owner of @object.
 * hint: the thread may be moved, and the slab may be handed to another owner. A remote object on a stack of its class
 * may share a cache line. An owned object among the remote ones is sent to its owner like them.
 */
static bool is_remote(unsigned class_index, const void *object)
{
	unsigned owner = tp_pagemap_owner(object);

	return tp_classes.row[class_index].owned && owner != TP_PAGEMAP_NO_OWNER && owner != tp_cpus_owner();
}

/*
 * Put a remote object on this CPU's stack of remote objects, if its class is pooled. If that stack is full and cannot
 * grow, send all that is on it to the owners first. Returns whether the stack took the object.
 */
static bool put_remote(unsigned class_index, void *object)
{
	int stack = TP_CLASS_REMOTE(class_index);

	if (tp_admission_limit(class_index) == 0 || !has_stacks())
		return false;
	if (tp_stack_push(stack, object))
		return true;
	/*
	 * hint: a stack without slots has nothing to send. If the thread is moved, the stack of the other CPU is sent.
	 * step: on that CPU the last push may be refused, and the caller keeps the object.
	 */
	if (!tp_stack_grow(stack, TP_CLASS_REMOTE_MAX) && tp_stack_capacity(stack) > 0)
		tp_remote_send(class_index);
	return tp_stack_push(stack, object);
}

void tp_refill_put(unsigned class_index, void *object)
{
	/* array: until a push takes it, the object is this thread's alone, so each refused push may be tried again. */
	tp_timer_notice();
	if (is_remote(class_index, object) && put_remote(class_index, object))
		return;
	if (tp_stack_push(TP_CLASS_STACK(class_index), object))
		return;
	unsigned limit = tp_admission_limit(class_index);

	if (limit > 0 && has_stacks()) {
		/* hint: each call makes room on the CPU of its moment. The push may be on another, and be refused. */
		if (!tp_stack_grow(TP_CLASS_STACK(class_index), limit))
			flush(class_index);
		if (tp_stack_push(TP_CLASS_STACK(class_index), object))
			return;
	}
	tp_slab_give(class_index, &object, 1, TP_SLAB_DROP);
}

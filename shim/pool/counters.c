/* The counters: adding up over CPUs, and what pushes and pops there were. See counters.h. */
#include "shim/pool/counters.h"

#include <stdatomic.h>

#include "shim/heap/large.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/cpus.h"
#include "shim/pool/passthrough.h"
#include "shim/pool/remote.h"
#include "shim/pool/steal.h"

/* ---- one stack over all CPUs */

static _Atomic uint64_t folded_operations[TP_CACHE_STACKS]; /* of stacks that were closed; by tp_class_stack_index */

static void fold(int stack, uint64_t operations)
{
	atomic_fetch_add_explicit(&folded_operations[tp_class_stack_index(stack)], operations, memory_order_relaxed);
}

void tp_counters_seal(struct tp_cache *cache)
{
	tp_cache_close(cache, fold);
}

void tp_counters_read_stack(int stack, struct tp_counters_stack *counts)
{
	unsigned now = tp_cpus_primary();

	*counts = (struct tp_counters_stack){
		.operations =
		    atomic_load_explicit(&folded_operations[tp_class_stack_index(stack)], memory_order_relaxed),
	};
	for (unsigned i = 0; i < tp_cpus_number_count(); i++) {
		struct tp_cpu *cpu = tp_cpus_at(i);

		if (!cpu)
			continue;
		for (unsigned generation = 0; generation < TP_CPUS_GENERATIONS; generation++) {
			counts->operations += tp_cache_header(cpu->caches[generation], stack) >> 16;
			size_t stacked = tp_cache_depth(cpu->caches[generation], stack);
			size_t more = tp_cpus_overflown(cpu, generation, stack);

			counts->depth[generation] += stacked + more;
			counts->reserved += more + (generation != now ? stacked : 0);
		}
		size_t capacity = tp_cache_capacity(cpu->caches[now], stack);
		counts->capacity += capacity;
		counts->reserved += capacity;
	}
}

/* ---- one class */

/* What a forked child subtracts, as its parent had counted it; zero in other processes. */
static struct tp_counters_row before[TP_CLASS_LIMIT];
static struct tp_counters_large before_large;

void tp_counters_read_whole(unsigned class_index, struct tp_counters_row *row)
{
	struct tp_counters_stack sum;
	struct tp_slab_counts slab;
	struct tp_passthrough_counts passed;
	struct tp_remote_counts remotes;
	uint64_t hits[TP_STEAL_SOURCE_COUNT];

	tp_counters_read_stack(TP_CLASS_STACK(class_index), &sum);
	tp_slab_read_counts(class_index, &slab);
	tp_passthrough_read(class_index, &passed);
	tp_steal_read_counts(class_index, hits);
	tp_remote_read_counts(class_index, &remotes);
	uint64_t taken = hits[TP_STEAL_OVERFLOW] + hits[TP_STEAL_STOLEN] + hits[TP_STEAL_VICTIM];
	uint64_t depth = sum.depth[0] + sum.depth[1] + remotes.waiting[0] + remotes.waiting[1];
	/*
	 * pops + pushes = operations; pushes - pops = depth + taken - refilled + flushed + drained - remotes.
	 * A get that a slab, an overflow or a victim served is not a pop. A put that no stack took, or that went to
	 * the remotes, is not a push. A refill or a flush under way has counted one side only, so the sum may be off by
	 * its batch.
	 */
	int64_t twice =
	    (int64_t)(sum.operations + depth + taken - slab.refilled + slab.flushed + slab.drained - remotes.puts);
	uint64_t pushes = twice > 0 ? (uint64_t)twice / 2 : 0;
	if (pushes > sum.operations)
		pushes = sum.operations;

	*row = (struct tp_counters_row){
		.gets = sum.operations - pushes + taken + slab.from_slab + passed.gets,
		.local = sum.operations - pushes,
		.overflow = hits[TP_STEAL_OVERFLOW],
		.stolen = hits[TP_STEAL_STOLEN],
		.victim = hits[TP_STEAL_VICTIM],
		.from_slab = slab.from_slab,
		.puts = pushes + remotes.puts + slab.spilled,
		.spilled = slab.spilled + slab.flushed,
		.unpooled = passed.gets,
		.unpooled_bytes = passed.bytes,
		.refilled = slab.refilled,
		.drained = slab.drained,
		.held_objects = depth,
		.held_bytes = depth * tp_classes.row[class_index].object_bytes,
		.slab_bytes = slab.live_bytes,
		.backend_calls = slab.backend_calls,
		.backend_bytes = slab.backend_bytes,
	};
}

void tp_counters_read(unsigned class_index, struct tp_counters_row *row)
{
	tp_counters_read_whole(class_index, row);
#define TP_STAT(field, group, name, column, help) row->field -= before[class_index].field;
#include "policy/stats.def"
}

void tp_counters_read_large_whole(struct tp_counters_large *large)
{
	struct tp_large_counts blocks;
	struct tp_passthrough_counts passed;

	tp_large_read_counts(&blocks);
	tp_passthrough_read(0, &passed);
	*large = (struct tp_counters_large){
		.gets = blocks.gets + passed.gets,
		.puts = blocks.puts,
		.bytes = blocks.bytes + passed.bytes,
		.live_bytes = blocks.live_bytes,
	};
}

void tp_counters_read_large(struct tp_counters_large *large)
{
	tp_counters_read_large_whole(large);
	large->gets -= before_large.gets;
	large->puts -= before_large.puts;
	large->bytes -= before_large.bytes;
}

void tp_counters_start_child(void)
{
	for (unsigned i = 0; i < tp_classes.count; i++) {
		struct tp_counters_row *row = &before[i];

		tp_counters_read_whole(i, row);
		/* Levels are not subtracted. What is held at the fork is inherited: 0 less minus that. */
		row->inherited -= row->held_objects;
		row->held_objects = row->held_bytes = row->slab_bytes = 0;
	}
	tp_counters_read_large_whole(&before_large);
}

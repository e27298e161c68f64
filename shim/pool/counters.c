/* Statistics: reading the counters. See stats.h; the printing is in dump.c. */
#include "shim/pool/counters.h"

#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/cpus.h"
#include "shim/pool/passthrough.h"
#include "shim/pool/remote.h"
#include "shim/pool/steal.h"
#include "shim/pool/tally.h"

/* What a forked child takes off the counters, as its parent's; zero elsewhere. */
static struct tp_stats_row before[TP_CLASS_LIMIT];
static struct tp_stats_large before_large;

void tp_stats_read_whole(unsigned class_index, struct tp_stats_row *row)
{
	struct tp_tally table;
	struct tp_slab_counts slab;
	struct tp_count passed;
	struct tp_stray_counts strays;
	uint64_t shared[TP_SHARE_SOURCE_COUNT];

	tp_tally_read(TP_CLASS_STACK(class_index), &table);
	tp_slab_read_counts(class_index, &slab);
	tp_count_read(class_index, &passed);
	tp_share_read_counts(class_index, shared);
	tp_stray_read_counts(class_index, &strays);
	uint64_t taken = shared[TP_SHARE_OVERFLOW] + shared[TP_SHARE_STOLEN] + shared[TP_SHARE_VICTIM];
	uint64_t depth = table.depth[0] + table.depth[1] + strays.waiting[0] + strays.waiting[1];
	/*
	 * pops + pushes = operations; pushes - pops = depth + taken - refilled + flushed + drained - strays.
	 * A get that a slab or another stack served is not a pop; a dropped put, or a stray, not a push.
	 * A refill or a flush under way has counted one side only, so the sum may be off by its batch.
	 */
	int64_t twice =
	    (int64_t)(table.operations + depth + taken - slab.refilled + slab.flushed + slab.drained - strays.puts);
	uint64_t pushes = twice > 0 ? (uint64_t)twice / 2 : 0;
	if (pushes > table.operations)
		pushes = table.operations;

	*row = (struct tp_stats_row){
		.gets = table.operations - pushes + taken + slab.from_slab + passed.gets,
		.local = table.operations - pushes,
		.overflow = shared[TP_SHARE_OVERFLOW],
		.stolen = shared[TP_SHARE_STOLEN],
		.victim = shared[TP_SHARE_VICTIM],
		.from_slab = slab.from_slab,
		.puts = pushes + strays.puts + slab.spilled,
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

void tp_stats_read(unsigned class_index, struct tp_stats_row *row)
{
	tp_stats_read_whole(class_index, row);
#define TP_STAT(field, group, name, column, help) row->field -= before[class_index].field;
#include "policy/stats.def"
}

void tp_stats_read_large_whole(struct tp_stats_large *large)
{
	struct tp_large_counts backend;
	struct tp_count passed;

	tp_large_read_counts(&backend);
	tp_count_read(0, &passed);
	*large = (struct tp_stats_large){
		.gets = backend.gets + passed.gets,
		.puts = backend.puts,
		.bytes = backend.bytes + passed.bytes,
		.live_bytes = backend.live_bytes,
	};
}

void tp_stats_read_large(struct tp_stats_large *large)
{
	tp_stats_read_large_whole(large);
	large->gets -= before_large.gets;
	large->puts -= before_large.puts;
	large->bytes -= before_large.bytes;
}

void tp_stats_start_child(void)
{
	for (unsigned i = 0; i < tp_classes.count; i++) {
		struct tp_stats_row *row = &before[i];

		tp_stats_read_whole(i, row);
		/* What is held is a level, not a count; what was held now is inherited, nothing less that. */
		row->inherited -= row->held_objects;
		row->held_objects = row->held_bytes = row->slab_bytes = 0;
	}
	tp_stats_read_large_whole(&before_large);
}

/* Statistics: reading the counters. See stats.h; the printing is in dump.c. */
#include "shim/stats.h"

#include "shim/cache.h"
#include "shim/count.h"
#include "shim/process.h"
#include "shim/slab.h"

/* The counters of a forked child's parent at the fork; zero elsewhere. */
static struct tp_stats_row before[TP_CLASS_COUNT];
static struct tp_stats_large before_large;

void tp_stats_read_whole(unsigned class_index, struct tp_stats_row *row)
{
	struct tp_cache_counts cache;
	struct tp_slab_counts slab;
	struct tp_count passed;

	tp_cache_read_counts(class_index, &cache);
	tp_slab_read_counts(class_index, &slab);
	tp_count_read(class_index, &passed);
	/*
	 * pops + pushes = operations, pushes - pops = depth - refilled + flushed.
	 * A get that a slab served is not a pop, a dropped put not a push. A refill or a
	 * flush under way has counted one side only, so the sum may be off by its batch.
	 */
	int64_t twice = (int64_t)(cache.operations + cache.depth - slab.refilled + slab.flushed);
	uint64_t pushes = twice > 0 ? (uint64_t)twice / 2 : 0;

	if (pushes > cache.operations)
		pushes = cache.operations;

	*row = (struct tp_stats_row){
		.gets = cache.operations - pushes + slab.news + passed.gets,
		.primary = cache.operations - pushes,
		.news = slab.news,
		.puts = pushes + slab.drops,
		.drops = slab.drops,
		.unpooled = passed.gets,
		.refilled = slab.refilled,
		.flushed = slab.flushed,
		.held_objects = cache.depth,
		.held_bytes = cache.depth * tp_classes.row[class_index].object_bytes,
		.slab_bytes = slab.live_bytes,
		.backend_calls = slab.backend_calls,
		.backend_bytes = slab.backend_bytes,
	};
}

void tp_stats_read(unsigned class_index, struct tp_stats_row *row)
{
	const struct tp_stats_row *old = &before[class_index];

	tp_stats_read_whole(class_index, row);
	row->gets -= old->gets;
	row->primary -= old->primary;
	row->news -= old->news;
	row->puts -= old->puts;
	row->drops -= old->drops;
	row->unpooled -= old->unpooled;
	row->refilled -= old->refilled;
	row->flushed -= old->flushed;
	row->inherited = old->held_objects;
	row->backend_calls -= old->backend_calls;
	row->backend_bytes -= old->backend_bytes;
}

void tp_stats_read_large_whole(struct tp_stats_large *large)
{
	struct tp_backend_counts backend;
	struct tp_count passed;

	tp_backend_read_counts(&backend);
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
	if (tp_process.options.stats.number == TP_STATS_OFF)
		return;
	for (unsigned i = 0; i < TP_CLASS_COUNT; i++)
		tp_stats_read_whole(i, &before[i]);
	tp_stats_read_large_whole(&before_large);
}

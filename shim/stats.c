/* Statistics: reading the counters. See stats.h; the printing is in dump.c. */
#include "shim/stats.h"

#include "shim/cache.h"
#include "shim/count.h"
#include "shim/process.h"
#include "shim/slab.h"

/* The counters of a forked child's parent at the fork; zero elsewhere. */
static struct tp_stats_row before[TP_CLASS_COUNT];
static struct tp_stats_large before_large;

static void read_class(unsigned class_index, struct tp_stats_row *row)
{
	struct tp_cache_counts cache;
	struct tp_slab_counts slab;
	struct tp_count passed;

	tp_cache_read_counts(class_index, &cache);
	tp_slab_read_counts(class_index, &slab);
	tp_count_read(class_index, &passed);
	/*
	 * pops + pushes = operations, pushes - pops = depth - refilled + flushed.
	 * A get that a slab served is not a pop, a dropped put not a push.
	 */
	uint64_t pushes = (cache.operations + cache.depth - slab.refilled + slab.flushed) / 2;

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

	read_class(class_index, row);
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

static void read_large(struct tp_stats_large *large)
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
	read_large(large);
	large->gets -= before_large.gets;
	large->puts -= before_large.puts;
	large->bytes -= before_large.bytes;
}

void tp_stats_start_child(void)
{
	if (tp_process.options.stats.number == TP_STATS_OFF)
		return;
	for (unsigned i = 0; i < TP_CLASS_COUNT; i++)
		read_class(i, &before[i]);
	read_large(&before_large);
}

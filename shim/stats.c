/* Statistics: reading the counters. See stats.h; the printing is in dump.c. */
#include "shim/stats.h"

#include "shim/cache.h"
#include "shim/count.h"
#include "shim/process.h"
#include "shim/share.h"
#include "shim/slab.h"
#include "shim/tide.h"
#include "shim/timer.h"

/* The counters of a forked child's parent at the fork; zero elsewhere. */
static struct tp_stats_row before[TP_CLASS_COUNT];
static struct tp_stats_large before_large;
static struct tp_stats_tide before_tide;

void tp_stats_read_whole(unsigned class_index, struct tp_stats_row *row)
{
	struct tp_cache_counts cache;
	struct tp_slab_counts slab;
	struct tp_count passed;
	uint64_t shared[TP_SHARE_SOURCE_COUNT];

	tp_cache_read_counts(class_index, &cache);
	tp_slab_read_counts(class_index, &slab);
	tp_count_read(class_index, &passed);
	tp_share_read_counts(class_index, shared);
	uint64_t taken = shared[TP_SHARE_OVERFLOW] + shared[TP_SHARE_STOLEN] + shared[TP_SHARE_VICTIM];
	/*
	 * pops + pushes = operations; pushes - pops = depth + taken - refilled + flushed + drained.
	 * A get that a slab or another stack served is not a pop, a dropped put not a push.
	 * A refill or a flush under way has counted one side only, so the sum may be off by its batch.
	 */
	int64_t twice = (int64_t)(cache.operations + cache.depth + taken - slab.refilled + slab.flushed + slab.drained);
	uint64_t pushes = twice > 0 ? (uint64_t)twice / 2 : 0;
	if (pushes > cache.operations)
		pushes = cache.operations;

	*row = (struct tp_stats_row){
		.gets = cache.operations - pushes + taken + slab.news + passed.gets,
		.primary = cache.operations - pushes,
		.overflow = shared[TP_SHARE_OVERFLOW],
		.stolen = shared[TP_SHARE_STOLEN],
		.victim = shared[TP_SHARE_VICTIM],
		.news = slab.news,
		.puts = pushes + slab.drops,
		.drops = slab.drops,
		.unpooled = passed.gets,
		.refilled = slab.refilled,
		.flushed = slab.flushed,
		.drained = slab.drained,
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
	row->overflow -= old->overflow;
	row->stolen -= old->stolen;
	row->victim -= old->victim;
	row->news -= old->news;
	row->puts -= old->puts;
	row->drops -= old->drops;
	row->unpooled -= old->unpooled;
	row->refilled -= old->refilled;
	row->flushed -= old->flushed;
	row->drained -= old->drained;
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

static void read_tide(struct tp_stats_tide *tide)
{
	struct tp_tide_counts turned;
	struct tp_timer_counts timed;

	tp_tide_read_counts(&turned);
	tp_timer_read_counts(&timed);
	*tide = (struct tp_stats_tide){
		.ticks = timed.ticks,
		.turns = turned.turns,
		.refused = turned.refused,
		.pressure_events = timed.pressure_events,
		.tick_ns = turned.tick_ns,
		.returned_bytes = turned.returned_bytes,
	};
	for (unsigned i = 1; i < TP_CLASS_COUNT; i++) {
		struct tp_slab_counts slab;

		tp_slab_read_counts(i, &slab);
		tide->drained_objects += slab.drained;
		tide->drained_bytes += slab.drained * tp_classes.row[i].object_bytes;
	}
}

void tp_stats_read_tide(struct tp_stats_tide *tide)
{
	read_tide(tide);
#define TP_STAT_TIDE(field, help) tide->field -= before_tide.field;
#include "policy/stats.def"
}

void tp_stats_start_child(void)
{
	if (tp_process.options.stats.number == TP_STATS_OFF)
		return;
	for (unsigned i = 0; i < TP_CLASS_COUNT; i++)
		tp_stats_read_whole(i, &before[i]);
	tp_stats_read_large_whole(&before_large);
	read_tide(&before_tide);
}

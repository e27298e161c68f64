/* Overall figures. See overall.h. @rare */
#include "shim/report/process_counters.h"

#include "shim/base/process.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/budget.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/pool/remote.h"
#include "shim/tick/timer.h"
#include "shim/tick/turn.h"

/* What a forked child takes off, as its parent's; zero elsewhere, and for what is a level. */
static struct tp_process_counters before;

static void read_classes(struct tp_process_counters *overall)
{
	unsigned primary = tp_cpus_primary();

	for (unsigned i = 1; i < tp_classes.count; i++) {
		uint64_t object_bytes = tp_classes.row[i].object_bytes;
		struct tp_counters_stack table;
		struct tp_slab_counts slab;
		struct tp_remote_counts remotes;

		tp_counters_read_stack(TP_CLASS_STACK(i), &table);
		tp_slab_read_counts(i, &slab);
		tp_remote_read_counts(i, &remotes);
		overall->drained_objects += slab.drained;
		overall->drained_bytes += slab.drained * object_bytes;
		overall->held_primary_bytes += (table.depth[primary] + remotes.waiting[primary]) * object_bytes;
		overall->held_victim_bytes += (table.depth[primary ^ 1] + remotes.waiting[primary ^ 1]) * object_bytes;
		overall->denied_bytes += tp_budget_denied_bytes(i);
	}
	overall->reserved_bytes = tp_budget_reserved_bytes();
}

static void read_whole(struct tp_process_counters *overall)
{
	struct tp_turn_counts turned;
	struct tp_timer_counts timed;

	tp_turn_read_counts(&turned);
	tp_timer_read_counts(&timed);
	*overall = (struct tp_process_counters){
		.ticks = timed.ticks,
		.turns = turned.turns,
		.refused = turned.refused,
		.pressure_events = timed.pressure_events,
		.tick_ns = turned.tick_ns,
		.returned_bytes = turned.returned_bytes,
	};
	read_classes(overall);
}

void tp_process_counters_read(struct tp_process_counters *overall)
{
	read_whole(overall);
#define TP_STAT_TURN(field, help) overall->field -= before.field;
#include "policy/stats.def"
}

void tp_process_counters_start_child(void)
{
	read_whole(&before);
	before.held_primary_bytes = before.held_victim_bytes = before.reserved_bytes = 0;
}

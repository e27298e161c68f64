/* Counters of the process. See process_counters.h. @rare */
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

/* What a forked child subtracts, as its parent counted it. Zero in other processes, and for levels. */
static struct tp_process_counters before;

/* Add what the classes have counted. */
static void read_classes(struct tp_process_counters *counters)
{
	unsigned primary = tp_cpus_primary();

	for (unsigned i = 1; i < tp_classes.count; i++) {
		uint64_t object_bytes = tp_classes.row[i].object_bytes;
		struct tp_counters_stack stack;
		struct tp_slab_counts slab;
		struct tp_remote_counts remote;

		tp_counters_read_stack(TP_CLASS_STACK(i), &stack);
		tp_slab_read_counts(i, &slab);
		tp_remote_read_counts(i, &remote);
		counters->drained_objects += slab.drained;
		counters->drained_bytes += slab.drained * object_bytes;
		counters->held_primary_bytes += (stack.depth[primary] + remote.waiting[primary]) * object_bytes;
		counters->held_victim_bytes += (stack.depth[primary ^ 1] + remote.waiting[primary ^ 1]) * object_bytes;
		counters->denied_bytes += tp_budget_denied_bytes(i);
	}
	counters->reserved_bytes = tp_budget_reserved_bytes();
}

/* Read the counters since the program began, also in a forked child. */
static void read_whole(struct tp_process_counters *counters)
{
	struct tp_turn_counts turned;
	struct tp_timer_counts timed;

	tp_turn_read_counts(&turned);
	tp_timer_read_counts(&timed);
	*counters = (struct tp_process_counters){
		.ticks = timed.ticks,
		.turns = turned.turns,
		.refused = turned.refused,
		.pressure_events = timed.pressure_events,
		.tick_ns = turned.tick_ns,
		.returned_bytes = turned.returned_bytes,
	};
	read_classes(counters);
}

void tp_process_counters_read(struct tp_process_counters *counters)
{
	read_whole(counters);
#define TP_STAT_TURN(field, help) counters->field -= before.field;
#include "policy/stats.def"
}

void tp_process_counters_start_child(void)
{
	read_whole(&before);
	before.held_primary_bytes = before.held_victim_bytes = before.reserved_bytes = 0;
}

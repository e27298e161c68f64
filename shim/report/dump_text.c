/* The dump for people: a head, and a row for each class. See dump_text.h. @rare */
#include "shim/report/dump_text.h"

#include <stdbool.h>

#include "shim/base/process.h"
#include "shim/base/text.h"
#include "shim/base/version.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/tick/admission.h"

/* Append @part of @whole in percent with one decimal, or "-" if @whole is 0. */
static void add_share(struct tp_text *text, uint64_t part, uint64_t whole)
{
	if (whole == 0)
		tp_text_add(text, "%7s", "-");
	else
		tp_text_add(text, "%4lu.%lu %%", part * 1000 / whole / 10, part * 1000 / whole % 10);
}

/* Append the counters of a row that have a column, the hit rate, and the bytes held. */
static void add_row(struct tp_text *text, const struct tp_counters_row *row)
{
	for (unsigned i = 0; i < TP_SNAPSHOT_NAME_COUNT; i++)
		if (*tp_snapshot_names[i].column)
			tp_text_add(text, " %10lu", tp_snapshot_values(row)[i]);
	tp_text_add(text, "  ");
	add_share(text, row->local + row->overflow + row->stolen + row->victim, row->gets - row->unpooled);
	tp_text_add(text, "  ");
	tp_text_add_bytes(text, row->held_bytes);
}

/* Append whether a class is pooled and why, and how many slots its primary stacks have. */
static void add_policy(struct tp_text *text, unsigned class_index)
{
	struct tp_admission_state state;
	struct tp_counters_stack stack;

	tp_admission_read(class_index, &state);
	tp_counters_read_stack(TP_CLASS_STACK(class_index), &stack);
	tp_text_add(
	    text, "   %s, %s since ", tp_snapshot_mode_name(class_index), state.admitted ? "pooled" : "not pooled");
	tp_snapshot_add_seconds(text, state.since_ns);
	tp_text_add(text, " s: %s", tp_admission_why_name(state.why));
	if (stack.capacity > 0)
		tp_text_add(text, ", %lu slots", stack.capacity);
	tp_text_add(text, "\n");
}

void tp_dump_text_add(struct tp_text *text, const struct tp_snapshot *snapshot)
{
	bool shown[TP_CLASS_LIMIT] = { false };
	const struct tp_counters_large *large = &snapshot->large;

	tp_text_add(text, "Tidepool %s  %s  pid %d  %lu.%03lu s  mode %s  %s  %u caches\n", TP_VERSION,
	    tp_process.program, (int)tp_process.pid, snapshot->uptime_ns / 1000000000,
	    snapshot->uptime_ns / 1000000 % 1000, tp_process_mode_name(), tp_cpus_guard_name(), tp_cpus_in_use());
	tp_text_add(text, "peak memory ");
	tp_text_add_bytes(text, snapshot->peak_rss_bytes);
	tp_text_add(text, "   held by the caches ");
	tp_text_add_bytes(text, snapshot->total.held_bytes);
	tp_text_add(text, "   over %u bytes: %lu gets, %lu puts, ", tp_classes.max_bytes, large->gets, large->puts);
	tp_text_add_bytes(text, large->bytes);
	tp_text_add(text, "\nturns %lu in %lu.%03lu ms   gone back to slabs ", snapshot->turn.turns,
	    snapshot->turn.tick_ns / 1000000, snapshot->turn.tick_ns / 1000 % 1000);
	tp_text_add_bytes(text, snapshot->turn.drained_bytes);
	tp_text_add(text, ", to the kernel ");
	tp_text_add_bytes(text, snapshot->turn.returned_bytes);
	tp_text_add(text, "\n\n%8s", "size");
	for (unsigned i = 0; i < TP_SNAPSHOT_NAME_COUNT; i++)
		if (*tp_snapshot_names[i].column)
			tp_text_add(text, " %10s", tp_snapshot_names[i].column);
	tp_text_add(text, "  hit rate  held bytes   policy\n%8s", "all");
	add_row(text, &snapshot->total);
	tp_text_add(text, "\n");
	/* By falling gets: each round shows the class with the most gets that is not shown yet. */
	for (;;) {
		unsigned best = 0;

		for (unsigned i = 1; i < tp_classes.count; i++)
			if (!shown[i] && snapshot->rows[i].gets + snapshot->rows[i].puts > 0 &&
			    (best == 0 || snapshot->rows[i].gets > snapshot->rows[best].gets))
				best = i;
		if (best == 0)
			break;
		shown[best] = true;
		tp_text_add(text, "%8u", tp_classes.row[best].object_bytes);
		add_row(text, &snapshot->rows[best]);
		add_policy(text, best);
	}
	tp_text_add(text, "\n");
}

/* The dump for programs: one line of JSON. See dump_json.h. @rare */
#include "shim/report/dump_json.h"

#include <stdbool.h>
#include <string.h>

#include "shim/base/process.h"
#include "shim/base/text.h"
#include "shim/base/version.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"
#include "shim/profile/histogram.h"
#include "shim/tick/admission.h"

/* Append the counters of a row: those of a group as an object of that name, the others one by one. */
static void add_row(struct tp_text *text, const struct tp_counters_row *row)
{
	const char *group = "";

	for (unsigned i = 0; i < TP_SNAPSHOT_NAME_COUNT; i++) {
		if (strcmp(group, tp_snapshot_names[i].group) != 0) {
			if (*group)
				tp_text_add(text, "}");
			group = tp_snapshot_names[i].group;
			if (*group)
				tp_text_add(text, "%s\"%s\":{", i ? "," : "", group);
			else
				tp_text_add(text, ",");
		} else if (i > 0) {
			tp_text_add(text, ",");
		}
		tp_text_add(text, "\"%s\":%lu", tp_snapshot_names[i].name, tp_snapshot_values(row)[i]);
	}
}

static void add_turn(struct tp_text *text, const struct tp_snapshot *snapshot)
{
	static const char *const turn_names[] = {
#define TP_STAT_TURN(field, help) #field,
#include "policy/stats.def"
	};
	const uint64_t *turn = (const uint64_t *)&snapshot->turn;

	tp_text_add(text, "\"turn\":{");
	for (size_t i = 0; i < sizeof turn_names / sizeof *turn_names; i++)
		tp_text_add(text, "%s\"%s\":%lu", i ? "," : "", turn_names[i], turn[i]);
	tp_text_add(text, "},");
}

/* Append how the class stands with the policy. */
static void add_policy(struct tp_text *text, unsigned class_index)
{
	struct tp_admission_state state;
	struct tp_counters_stack stack;

	tp_admission_read(class_index, &state);
	tp_counters_read_stack(TP_CLASS_STACK(class_index), &stack);
	tp_text_add(text,
	    ",\"policy\":{\"mode\":\"%s\",\"admitted\":%s,\"since_s\":", tp_snapshot_mode_name(class_index),
	    state.admitted ? "true" : "false");
	tp_snapshot_add_seconds(text, state.since_ns);
	tp_text_add(text, ",\"why\":\"%s\",\"capacity\":%lu}", tp_admission_why_name(state.why), stack.capacity);
}

static void add_changes(struct tp_text *text)
{
	static struct tp_admission_change changes[TP_ADMISSION_CHANGES]; /* static, as a handler's stack may be small */
	size_t count = tp_admission_read_changes(changes);

	tp_text_add(text, "\"changes\":[");
	for (size_t i = 0; i < count; i++) {
		tp_text_add(text, "%s{\"at_s\":", i ? "," : "");
		tp_snapshot_add_seconds(text, changes[i].at_ns);
		tp_text_add(text, ",\"size\":%u,\"admitted\":%s,\"why\":\"%s\"}", changes[i].object_bytes,
		    changes[i].admitted ? "true" : "false", tp_admission_why_name(changes[i].why));
	}
	tp_text_add(text, "],");
}

void tp_dump_json_add(struct tp_text *text, const struct tp_snapshot *snapshot)
{
	bool first = true;

	tp_text_add(text, "{\"schema\":%d,\"version\":\"%s\",\"pid\":%d,\"program\":\"", TP_STATS_SCHEMA, TP_VERSION,
	    (int)tp_process.pid);
	tp_text_add_json(text, tp_process.program);
	tp_text_add(text, "\",\"uptime_s\":%lu.%06lu,\"mode\":\"%s\",\"cache_guard\":\"%s\",\"caches\":%u,\"totals\":{",
	    snapshot->uptime_ns / 1000000000, snapshot->uptime_ns / 1000 % 1000000, tp_process_mode_name(),
	    tp_cpus_guard_name(), tp_cpus_in_use());
	add_row(text, &snapshot->total);
	tp_text_add(text, "},\"classes\":[");
	for (unsigned i = 1; i < tp_classes.count; i++) {
		if (snapshot->rows[i].gets == 0 && snapshot->rows[i].puts == 0 && snapshot->rows[i].held_objects == 0)
			continue;
		tp_text_add(text, "%s{\"size\":%u,", first ? "" : ",", tp_classes.row[i].object_bytes);
		add_row(text, &snapshot->rows[i]);
		add_policy(text, i);
		tp_text_add(text, "}");
		first = false;
	}
	tp_text_add(text, "],\"large\":{\"gets\":%lu,\"puts\":%lu,\"bytes\":%lu,\"live_bytes\":%lu},",
	    snapshot->large.gets, snapshot->large.puts, snapshot->large.bytes, snapshot->large.live_bytes);
	add_turn(text, snapshot);
	add_changes(text);
	tp_histogram_add_json(text);
	tp_text_add(text, "\"started_s\":%lu,", (unsigned long)tp_process.start_time_s);
	tp_text_add(text, "\"peak_rss_bytes\":%lu}\n", snapshot->peak_rss_bytes);
}

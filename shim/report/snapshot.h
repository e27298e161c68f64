/*
 * A snapshot: all the figures of a dump, read one after the other.
 *
 * Async-signal-safe; one thread at a time. The caller owns the snapshot.
 */
#ifndef TP_SNAPSHOT_H
#define TP_SNAPSHOT_H

#include <stdint.h>

#include "policy/class.h"
#include "shim/base/process.h"
#include "shim/base/text.h"
#include "shim/pool/counters.h"
#include "shim/report/process_counters.h"

struct tp_snapshot {
	struct tp_counters_row total;
	struct tp_counters_row rows[TP_CLASS_LIMIT]; /* by class; row 0 is not set */
	struct tp_counters_large large;
	struct tp_process_counters turn;
	uint64_t uptime_ns;
	uint64_t peak_rss_bytes; /* 0: it cannot be read */
};

/* How many counters a row has, in the order of policy/stats.def. */
enum {
	TP_SNAPSHOT_NAME_COUNT = 0
#define TP_STAT(field, group, name, column, help) +1
#include "policy/stats.def"
};

/* What a counter is called: its group in the JSON or "", its name there, and its column in the text or "". */
struct tp_snapshot_name {
	const char *group, *name, *column;
};
extern const struct tp_snapshot_name tp_snapshot_names[TP_SNAPSHOT_NAME_COUNT];

/* Return the counters of a row as an array. */
static inline const uint64_t *tp_snapshot_values(const struct tp_counters_row *row)
{
	return (const uint64_t *)row;
}

/* Read everything. Exact if no turn is under way and no other thread runs. */
void tp_snapshot_take(struct tp_snapshot *snapshot);

/* Return the word for the mode of a class: auto, always or never. */
const char *tp_snapshot_mode_name(unsigned class_index);

/* Append @ns as seconds with six decimals. */
void tp_snapshot_add_seconds(struct tp_text *text, uint64_t ns);

#endif

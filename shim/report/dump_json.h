/* The dump for programs. Async-signal-safe. Owns no data but a copy of the log of changes. */
#ifndef TP_DUMP_JSON_H
#define TP_DUMP_JSON_H

#include "shim/base/text.h"
#include "shim/report/snapshot.h"

/* Append @snapshot as one line of JSON, as stats.schema.json describes it. Threads: one at a time. */
void tp_dump_json_add(struct tp_text *text, const struct tp_snapshot *snapshot);

#endif

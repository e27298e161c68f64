/* The dump for people. Async-signal-safe. Owns no data. */
#ifndef TP_DUMP_TEXT_H
#define TP_DUMP_TEXT_H

#include "shim/base/text.h"
#include "shim/report/snapshot.h"

/* Append @snapshot as a head and a table: a row for each class that was used, the most requested first. */
void tp_dump_text_add(struct tp_text *text, const struct tp_snapshot *snapshot);

#endif

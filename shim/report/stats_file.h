/*
 * Where the statistics go: the file that TIDEPOOL_STATS_FILE names, else the
 * standard error of the start.
 *
 * A file with %p in its name is its process's own. What is added to it is written to
 * a new file beside it, with what was there, and that is renamed: a reader finds whole
 * dumps, and all of them. Where that cannot be, and in other files, a dump is appended.
 *
 * Async-signal-safe: waits for no lock, allocates nothing. Owns the kept descriptor
 * of standard error and the file's path, so one thread at a time may write.
 */
#ifndef TP_STATS_FILE_H
#define TP_STATS_FILE_H

#include "shim/base/text.h"

/* Note where the statistics will go. Called once, from the constructor. */
void tp_stats_file_start(void);

/* Append @text to the file or to standard error. Errors: one line, and the program goes on. */
void tp_stats_file_write(const struct tp_text *text);

#endif

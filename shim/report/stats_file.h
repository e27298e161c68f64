/*
 * Where the statistics go: to the file that TIDEPOOL_STATS_FILE names, or else to the standard error of the start.
 *
 * A file with %p in its name belongs to one process. A dump is added to it by a new file beside it, with the old
 * contents and the dump, which is renamed: a reader finds all dumps, and each of them whole. If that is not possible,
 * and in a file without %p, the dump is appended.
 * Async-signal-safe: waits for no lock, allocates nothing. Owns the file's path, so one thread at a time may write.
 */
#ifndef TP_STATS_FILE_H
#define TP_STATS_FILE_H

#include "shim/base/text.h"

/* Note what standard error is, if anything will be written there. Called once, by the constructor. */
void tp_stats_file_start(void);

/*
 * Append @text to the file or to standard error. errno is kept. Threads: one at a time.
 * Errors: one line, and the program goes on; no second line until a write to the file has succeeded.
 */
void tp_stats_file_write(const struct tp_text *text);

#endif

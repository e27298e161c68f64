/*
 * The profile's files: the one that TIDEPOOL_PROFILE names, in the text format of gperftools, and beside it
 * NAME.sites.json (the sidecar), with what that format has no columns for.
 *
 * Both hold raw counts of samples. A reader of "heap_v2" estimates totals from them, site by site, by the average size.
 * Async-signal-safe. Owns its buffers, so one thread at a time may write.
 */
#ifndef TP_HEAP_FILE_H
#define TP_HEAP_FILE_H

/*
 * Write both files anew, each complete under its name or not at all. A terminal or a pipe gets the first alone.
 * Errors: one line on standard error, and the program goes on. Threads: one at a time.
 */
void tp_heap_file_write(void);

#endif

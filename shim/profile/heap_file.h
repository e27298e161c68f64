/*
 * The profile's files: what TIDEPOOL_PROFILE names, in the text format of gperftools,
 * and beside it NAME.sites.json, with what that format has no columns for.
 *
 * Both hold raw counts of samples: a reader of "heap_v2" makes totals of them, site
 * by site, by their average size. Async-signal-safe; owns its buffers, so one thread
 * at a time may write.
 */
#ifndef TP_HEAP_FILE_H
#define TP_HEAP_FILE_H

/* Write both anew, each complete under its name or not at all. Errors: one line, and the program goes on. */
void tp_heap_file_write(void);

#endif

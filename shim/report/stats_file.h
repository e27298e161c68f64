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
#ifndef TP_SINK_H
#define TP_SINK_H

#include "shim/base/text.h"

/*
 * Note what standard error is, and keep a way to it if the statistics are to go there:
 * some programs close it before they end. Called once, from the constructor.
 */
void tp_sink_start(void);

/*
 * Standard error for what is written after the start, also of the profile: the program
 * may have closed it and have a file of its own at its number.
 * Returns -1 where there is no way left to it.
 */
int tp_sink_error_fd(void);

/*
 * Open the file @name to append to it, also of the profile. @flags: O_CREAT or 0.
 * A pipe that nobody reads is ENXIO. Returns a descriptor, or -1 with errno.
 */
int tp_sink_open_end(const char *name, int flags);

/* Append @text to the file or to standard error. Errors: one line, and the program goes on. */
void tp_sink_write(const struct tp_text *text);

/*
 * Give up the kept way to standard error, in a forked child: a daemon that closes
 * its own must not hold its starter's pipe open.
 */
void tp_sink_start_child(void);

#endif

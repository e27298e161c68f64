/*
 * The dump: the statistics, as text for people or as JSON for programs, and the profile's files.
 *
 * Owns one buffer, the page; one thread at a time fills it. Async-signal-safe: a dump waits for no lock that its own
 * thread may hold, and allocates nothing.
 */
#ifndef TP_DUMP_H
#define TP_DUMP_H

#include <stdbool.h>

/* When a dump is written: at the end of the process, on the signal of TIDEPOOL_STATS_SIGNAL, or at an interval. */
enum tp_dump_moment { TP_DUMP_AT_END, TP_DUMP_ON_SIGNAL, TP_DUMP_AS_LINE };

/* Return whether the end of the process or the signal has anything to write: statistics or a profile. */
bool tp_dump_is_wanted(void);

/*
 * Write the statistics and the profile, as the options say; AS_LINE only the statistics, and always as JSON. The
 * statistics are one write(2), appended to their file. errno is kept. Threads: any, signal handlers too.
 * AT_END writes once in a process, and waits up to 10 seconds for a dump of another thread. The others write nothing
 * if another thread is writing, and no dump waits for one of its own thread.
 */
void tp_dump_write(enum tp_dump_moment moment);

/* Forget a dump that another thread was writing. Only in a forked child. */
void tp_dump_reset_lock(void);

#endif

/*
 * The dump of the statistics: text for people, JSON for programs.
 *
 * Async-signal-safe: waits for no lock that its own thread may hold, allocates nothing.
 */
#ifndef TP_DUMP_H
#define TP_DUMP_H

#include <stdbool.h>

enum tp_dump_moment { TP_DUMP_AT_END, TP_DUMP_ON_SIGNAL, TP_DUMP_AS_LINE };

/* Whether anything is to be written: statistics or a profile. */
bool tp_dump_is_wanted(void);

/*
 * Write the statistics as the options say, one write(2), appended to the file; and the profile.
 * At most one dump a process AT_END, which waits for one that another thread is
 * writing; ON_SIGNAL it is left out then. AS_LINE: likewise, and as JSON whatever the
 * options say. errno is kept.
 */
void tp_dump_write(enum tp_dump_moment moment);

/* Forget a dump that another thread was writing: only in a forked child. */
void tp_dump_reset_lock(void);

#endif

/*
 * The dump of the statistics: text for people, JSON for programs.
 *
 * Async-signal-safe: takes no lock it could wait for, allocates nothing.
 */
#ifndef TP_DUMP_H
#define TP_DUMP_H

enum tp_dump_moment { TP_DUMP_AT_END, TP_DUMP_ON_SIGNAL };

/*
 * Keep a way to standard error, if the statistics are to go there: some programs
 * close it before they end. Called once, from the constructor.
 */
void tp_dump_start(void);

/*
 * Write the statistics as the options say: one write(2), appended to the file.
 * At most one dump a process AT_END. Errors: one line, and the program goes on.
 */
void tp_dump_write(enum tp_dump_moment moment);

/* Forget a dump that another thread was writing: only in a forked child. */
void tp_dump_reset_lock(void);

#endif

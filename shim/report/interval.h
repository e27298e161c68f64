/*
 * The series: a line of statistics each time an interval has passed, to the
 * statistics' file, for whoever watches a program over time.
 *
 * Has no clock of its own: the timer asks it at ticks, or on slow paths.
 */
#ifndef TP_SERIES_H
#define TP_SERIES_H

#include <stdint.h>

/* The interval in nanoseconds; 0: there is no series, as it needs an interval and a file. */
uint64_t tp_series_interval_ns(void);

/* Begin, from the constructor; @write is called for each line. Says so where an interval comes without a file. */
void tp_series_start(void (*write)(void));

/* The interval begins anew: in a forked child. */
void tp_series_start_child(void);

/* Write a line if one is due: from one thread at a time or several. Never in a vfork child. */
void tp_series_look(void);

#endif

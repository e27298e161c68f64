/*
 * Statistics at intervals: a line of them each time an interval has passed, to the statistics' file.
 *
 * Has no clock of its own and owns no data: the timer calls (tick/timer.h).
 */
#ifndef TP_INTERVAL_H
#define TP_INTERVAL_H

#include <stdint.h>

/* Return the interval in nanoseconds; 0: nothing is written, as that takes an interval and a file. */
uint64_t tp_interval_ns(void);

/* Have @write called at each interval. Says so if there is an interval without a file. Called once, from the constructor. */
void tp_interval_start(void (*write)(void));

#endif

/*
 * Statistics at intervals: one line of them each time an interval has passed, appended to the statistics' file.
 *
 * The timer calls (tick/timer.h). Owns no data.
 */
#ifndef TP_INTERVAL_H
#define TP_INTERVAL_H

/*
 * Have @write called at each interval. Called once, by the constructor.
 * Errors: if the options name an interval and no file, one line, and nothing is written.
 */
void tp_interval_start(void (*write)(void));

#endif

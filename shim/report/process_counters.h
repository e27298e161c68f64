/*
 * Overall: what the timer, the turns and the budgets did to the process as a whole.
 *
 * Read without locks, as the statistics of the classes (stats.h).
 */
#ifndef TP_PROCESS_COUNTERS_H
#define TP_PROCESS_COUNTERS_H

#include <stdint.h>

struct tp_process_counters {
#define TP_STAT_TURN(field, help) uint64_t field;
#include "policy/stats.def"
};

/* Read what happened since this process began, and how it is now. */
void tp_process_counters_read(struct tp_process_counters *overall);

/* A forked child counts from zero: remember what the parent had. */
void tp_process_counters_start_child(void);

#endif

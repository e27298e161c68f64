/*
 * Counters of the process: what the timer, the turns and the budgets did, added up over all classes.
 *
 * Read without locks, as are the counters of a class (pool/counters.h). Owns what a forked child subtracts.
 */
#ifndef TP_PROCESS_COUNTERS_H
#define TP_PROCESS_COUNTERS_H

#include <stdint.h>

/* policy/stats.def says what each counts. */
struct tp_process_counters {
#define TP_STAT_TURN(field, help) uint64_t field;
#include "policy/stats.def"
};

/* Read the counters since this process began, and the levels now. Exact while no other thread runs. */
void tp_process_counters_read(struct tp_process_counters *counters);

/* Count from zero, in a forked child: remember what the parent had counted. */
void tp_process_counters_start_child(void);

#endif

/*
 * Memory pressure, as the kernel reports it (PSI). Only the timer's thread may call.
 *
 * Source: Documentation/accounting/psi.rst of the kernel.
 */
#ifndef TP_PRESSURE_H
#define TP_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Give the calling thread an empty table of descriptors of its own, so that the files it opens take no number from the
 * program. Returns false if the kernel has no such call (before 5.9).
 */
bool tp_pressure_take_descriptors(void);

/*
 * Return whether tasks waited for memory for more than a tenth of the time since the last call: tasks of this cgroup,
 * or of the whole machine if the cgroup's file cannot be read. The first call returns false. @now_ns: CLOCK_MONOTONIC.
 * Cost: opens, reads and closes two files.
 */
bool tp_pressure_rises(uint64_t now_ns);

#endif

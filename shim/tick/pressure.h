/* Memory pressure, as the kernel reports it (PSI). Used by the timer's thread alone. */
#ifndef TP_PRESSURE_H
#define TP_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Give the calling thread a table of descriptors of its own, an empty one: what is opened there
 * takes no number from the program. Returns false where the kernel has no such call (before 5.9).
 */
bool tp_pressure_take_descriptors(void);

/*
 * Whether tasks were held up by lack of memory for a tenth of the time since the
 * last call, in this cgroup or, where that cannot be read, on the machine.
 * Opens, reads and closes a file. @now_ns: CLOCK_MONOTONIC.
 * Source: Documentation/accounting/psi.rst of the kernel.
 */
bool tp_pressure_rises(uint64_t now_ns);

#endif

/* Memory pressure, as the kernel reports it (PSI). Used by the timer's thread alone. */
#ifndef TP_PRESSURE_H
#define TP_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether tasks were held up by lack of memory for a tenth of the time since the
 * last call, in this cgroup or, where that cannot be read, on the machine.
 * Opens, reads and closes a file. @now_ns: CLOCK_MONOTONIC.
 * Source: Documentation/accounting/psi.rst of the kernel.
 */
bool tp_pressure_rises(uint64_t now_ns);

#endif

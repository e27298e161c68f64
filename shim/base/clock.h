/* The clock. Any thread, any time; no system call where the kernel has a vDSO. Owns no data. */
#ifndef TP_CLOCK_H
#define TP_CLOCK_H

#include <stdint.h>

/* Return the reading of CLOCK_MONOTONIC in nanoseconds. */
uint64_t tp_clock_now_ns(void);

/* The same as of the kernel's last timer interrupt: cheaper, and up to 10 ms late. */
uint64_t tp_clock_coarse_ns(void);

#endif

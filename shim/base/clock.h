/* The clock. Any thread may call at any time. There is no system call if the kernel has a vDSO. Owns no data. */
#ifndef TP_CLOCK_H
#define TP_CLOCK_H

#include <stdint.h>

/* Return CLOCK_MONOTONIC in nanoseconds. */
uint64_t tp_clock_now_ns(void);

/* Return CLOCK_MONOTONIC as it was at the kernel's last timer interrupt: cheaper, and up to 10 ms late. */
uint64_t tp_clock_coarse_ns(void);

#endif

/* The clock. See clock.h. */
#include "shim/base/clock.h"

#include <time.h>

static uint64_t read_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t tp_clock_now_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t tp_clock_coarse_ns(void)
{
	return read_ns(CLOCK_MONOTONIC_COARSE);
}

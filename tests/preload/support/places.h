/*
 * Places: puts the calling thread on one of the CPUs that the program was started with.
 */
#ifndef TEST_PLACES_H
#define TEST_PLACES_H

#include <sched.h>

#include "expect.h"

static cpu_set_t places_allowed;

/* Find out which there are; call first. Returns how many. */
static inline int places_find(void)
{
	EXPECT(sched_getaffinity(0, sizeof places_allowed, &places_allowed) == 0, "no affinity");
	return CPU_COUNT(&places_allowed);
}

/* Stay on the CPU of this place, counted from 0, round the CPUs there are. tid 0: this thread. */
static inline void places_stay(int tid, unsigned place)
{
	unsigned left = place % (unsigned)CPU_COUNT(&places_allowed);

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &places_allowed) || left--)
			continue;
		cpu_set_t one;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		EXPECT(sched_setaffinity(tid, sizeof one, &one) == 0, "cannot move to CPU %d", cpu);
		return;
	}
}

#endif

/*
 * Stages: two threads that take turns and run all the time, so that each has a CPU number to itself.
 */
#ifndef TEST_STAGES_H
#define TEST_STAGES_H

#include <stdatomic.h>

static _Atomic int stages_now;

static inline void stages_enter(int stage)
{
	atomic_store(&stages_now, stage);
}

/* Wait for a stage that the other thread enters, without giving up the CPU. */
static inline void stages_await(int stage)
{
	while (atomic_load(&stages_now) != stage)
		;
}

#endif

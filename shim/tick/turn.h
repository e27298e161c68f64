/*
 * The turn: the turn of the generations, and what a turn gives back.
 *
 *   drain    the victims' objects to their slabs, empty slabs to the backend
 *   turn     the other generation becomes primary; fence; the old one is the victim
 *   return   the backend's unused pages to the kernel
 *
 * One turn at a time; the calling thread pays. No fast path waits or tests for it.
 */
#ifndef TP_TURN_H
#define TP_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/base/lock.h"

/* What the turn has done since the process began. */
struct tp_turn_counts {
	uint64_t turns;
	uint64_t refused; /* turns that the kernel's fence refused */
	uint64_t tick_ns; /* time spent in them */
	uint64_t returned_bytes; /* pages given to the kernel */
};

/*
 * Turn once, unless another thread is at it; @before runs first, while none does.
 * Holding no lock. errno is kept.
 */
void tp_turn_try(void (*before)(void));

/* Turn twice: all that the pools hold goes back. */
void tp_turn_release_all(void);

void tp_turn_read_counts(struct tp_turn_counts *counts);

/* Doze if nothing is held, with no turn in between. Returns whether it dozes. See tp_cpus_doze. */
bool tp_turn_doze(void);

/* Hold off turns for a moment, to read counters at rest. Returns false if a turn under way does not end soon. */
bool tp_turn_try_hold(void);
void tp_turn_end_hold(void);

/* Held while the generations turn. For fork. */
extern struct tp_lock tp_turn_lock;

#endif

/*
 * The turn: the generations change places, and memory goes back.
 *
 *   drain    the victims' objects go to their slabs
 *   turn     the other generation becomes primary; a fence; the old one opens as victims
 *   return   empty slabs go to the chunks, unused pages to the kernel
 *
 * Owns the turn's lock and counts. Any thread may call, holding no lock. One turn at a time; the calling thread pays.
 * No fast path waits for a turn or tests for one.
 */
#ifndef TP_TURN_H
#define TP_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "shim/base/lock.h"

/* Since the program began; a forked child goes on counting from what its parent had. */
struct tp_turn_counts {
	uint64_t turns;
	uint64_t refused; /* turns that did not happen, as the kernel refused the fence */
	uint64_t tick_ns; /* time spent in turns */
	uint64_t returned_bytes; /* pages given to the kernel */
};

/* Turn once, unless another thread is in a turn. @before runs first, under tp_turn_lock. errno is kept. */
void tp_turn_try(void (*before)(void));

/* Turn twice, so that all that the pools hold goes back. Waits for a turn under way. errno is kept. */
void tp_turn_release_all(void);

/* Read the counts. */
void tp_turn_read_counts(struct tp_turn_counts *counts);

/* Doze if nothing is held, with no turn in between (tp_cpus_doze). Returns whether the pools doze. */
bool tp_turn_doze(void);

/*
 * Hold off turns until tp_turn_end_hold, so that no count moves by a turn.
 * Returns false if a turn under way does not end soon: it may be one of this thread, below a signal handler.
 */
bool tp_turn_try_hold(void);

/* Let turns happen again. */
void tp_turn_end_hold(void);

/* Held while the generations turn. For fork. */
extern struct tp_lock tp_turn_lock;

#endif

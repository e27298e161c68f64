/*
 * Admission: which classes are pooled now. The policy (policy/admission.h) decides; its answers are kept here.
 *
 * A class that is not admitted has closed stacks on every CPU, so that its requests take the slow path, and the slow
 * path asks here. Owns the state of each class and the log of its changes. Any thread may call; no function waits.
 */
#ifndef TP_ADMISSION_H
#define TP_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/admission.h"

/* Give each class the state that the options say. Called once, by tp_start, after the classes exist. */
void tp_admission_start(void);

/* Return how many slots a stack of the class may have now; 0: the class is not pooled. */
unsigned tp_admission_limit(unsigned class_index);

/*
 * Return the same for a get on its slow path. If the class is not admitted, the request is counted, and if many came
 * within a short time, the class is admitted now.
 */
unsigned tp_admission_ask(unsigned class_index);

/* Decide for every class, at a tick. The caller holds tp_turn_lock, as a turn moves the objects that are counted. */
void tp_admission_tick(void);

/* What is in force for a class. */
struct tp_admission_state {
	bool admitted;
	enum tp_why why;
	uint64_t since_ns; /* since the program's start */
};

/* Read the state of a class. Its three words may be of two moments if the class changes meanwhile. */
void tp_admission_read(unsigned class_index, struct tp_admission_state *state);

#define TP_ADMISSION_CHANGES 64U /* entries of the log */

/* An entry of the log: a class was admitted or dismissed, or stays as it was for another reason. */
struct tp_admission_change {
	uint64_t at_ns; /* since the program's start */
	uint32_t object_bytes;
	bool admitted;
	enum tp_why why;
};

/* Read the last changes, the oldest first. Returns how many. */
size_t tp_admission_read_changes(struct tp_admission_change changes[TP_ADMISSION_CHANGES]);

#endif

/*
 * Admission: asks the policy (policy/admission.h) and keeps what it said.
 *
 * A class that is not admitted has closed stacks on every CPU; its requests come to
 * the slow path, which asks here. Any thread may call; nothing waits.
 */
#ifndef TP_ADMISSION_H
#define TP_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/admission.h"

void tp_admission_start(void);

/* Slots that this class's stacks may have now; 0: it is not pooled. */
unsigned tp_admission_limit(unsigned class_index);

/*
 * The same for a request on its slow path, which is counted where the class is not
 * admitted, and admits it where it is one of many in a short time.
 */
unsigned tp_admission_ask(unsigned class_index);

/* A tick has passed: decide for every class. Under the turn's lock, as a turn moves what is counted. */
void tp_admission_tick(void);

/* What is in force for a class. */
struct tp_admission_state {
	bool admitted;
	enum tp_why why;
	uint64_t since_ns; /* since the program's start */
};
void tp_admission_read(unsigned class_index, struct tp_admission_state *state);

/* The last changes, oldest first. Returns how many. */
#define TP_ADMISSION_CHANGES 64U
struct tp_admission_change {
	uint64_t at_ns; /* since the program's start */
	uint32_t object_bytes;
	bool admitted;
	enum tp_why why;
};
size_t tp_admission_read_changes(struct tp_admission_change changes[TP_ADMISSION_CHANGES]);

#endif

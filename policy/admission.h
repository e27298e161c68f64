/*
 * Admission: which classes are pooled, by how often they are asked for, how long their objects live, and what the
 * budgets leave.
 *
 * Pure: numbers in, numbers out, without clock, locks or data. README.md has the decisions and where the numbers are
 * from.
 */
#ifndef TP_POLICY_ADMISSION_H
#define TP_POLICY_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"

/* Why a class is admitted or is not. */
enum tp_why {
	TP_WHY_START, /* nothing is known of it yet */
	TP_WHY_RATE, /* its rate of requests is high enough, or is not */
	TP_WHY_LIFETIME, /* admitted, but its objects live long: slots for one refill only */
	TP_WHY_BUDGET, /* not admitted, as the budget went to classes that are asked for more often */
	TP_WHY_ALWAYS, /* the policy says always */
	TP_WHY_NEVER, /* the policy says never */
	TP_WHY_COUNT,
};

/* Return the word for it, as the statistics have it. */
const char *tp_admission_why_name(enum tp_why why);

/* What holds for all classes, over one tick. */
struct tp_admission_limits {
	uint64_t admit_per_s, dismiss_per_s; /* requests a second: TIDEPOOL_ADMIT, TIDEPOOL_DISMISS */
	uint64_t max_bytes; /* that all pools together may hold */
	uint64_t elapsed_ns; /* since the last decision; above 0 */
	uint64_t tick_ns; /* the length of a tick; an unwanted object is held for two */
};

/* One class: what happened since the last decision, and what that decision was. */
struct tp_admission_class {
	uint64_t gets, puts; /* since the last decision */
	uint64_t live; /* objects that the program has now */
	uint64_t reserved_bytes; /* room that it has in the pools now */
	uint64_t denied_bytes; /* room that it was refused since the last decision */
	uint64_t wanted_bytes; /* room that it would take; kept from decision to decision */
	uint32_t object_bytes;
	uint8_t mode; /* enum tp_class_mode */
	bool admitted;
	uint8_t why; /* enum tp_why */
};

/* Decide for @count classes: set admitted, why and wanted_bytes of each. */
void tp_admission_decide(const struct tp_admission_limits *limits, struct tp_admission_class *classes, size_t count);

/* Return whether @requests in @elapsed_ns are enough to admit a class now, and not at the next tick. */
bool tp_admission_is_early(uint64_t requests, uint64_t elapsed_ns, uint64_t admit_per_s);

/* Return how many slots a stack of an admitted class may have. */
unsigned tp_admission_capacity(const struct tp_class *c, enum tp_why why);

#endif

/*
 * Admission: which classes are pooled, by how often they are asked for, how long
 * their objects live, and what the budgets leave.
 *
 * Pure: numbers in, numbers out; no clock, locks or data of its own. See README.md.
 */
#ifndef TP_POLICY_ADMISSION_H
#define TP_POLICY_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"

/* Why a class is as it is. The words are in tp_admission_why_name. */
enum tp_why {
	TP_WHY_START, /* nothing is known of it yet */
	TP_WHY_RATE, /* how often it is asked for */
	TP_WHY_LIFETIME, /* its objects are kept: slots for a refill, not for a pool */
	TP_WHY_BUDGET, /* the budget went to classes asked for more often */
	TP_WHY_ALWAYS, /* the policy says so */
	TP_WHY_NEVER,
	TP_WHY_COUNT,
};

const char *tp_admission_why_name(enum tp_why why);

/* What holds for all classes, over one tick. */
struct tp_admission_limits {
	uint64_t admit_per_s, dismiss_per_s; /* requests */
	uint64_t max_bytes; /* of all pools */
	uint64_t elapsed_ns; /* since the decision before; above 0 */
	uint64_t tick_ns; /* as long as an unwanted object stays in a generation */
};

/* One class over that time, and what was decided before. */
struct tp_admission_class {
	uint64_t gets, puts;
	uint64_t live; /* objects out at its end */
	uint64_t reserved_bytes; /* room it has in the pools */
	uint64_t denied_bytes; /* room it asked for and was refused */
	uint64_t wanted_bytes; /* from tick to tick: what it would take */
	uint32_t object_bytes;
	uint8_t mode; /* enum tp_class_mode */
	bool admitted;
	uint8_t why; /* enum tp_why */
};

/*
 * Decide for @count classes: sets admitted, why and wanted_bytes of each.
 * At most TP_CLASS_LIMIT of them.
 */
void tp_admission_decide(const struct tp_admission_limits *limits, struct tp_admission_class *classes, size_t count);

/*
 * Whether a class that is not admitted is asked for often enough not to wait for the
 * tick: @requests in @elapsed_ns.
 */
bool tp_admission_is_early(uint64_t requests, uint64_t elapsed_ns, uint64_t admit_per_s);

/* Slots that a stack of a class may have. */
unsigned tp_admission_capacity(const struct tp_class *c, enum tp_why why);

#endif

/*
 * Policies under test, for the unit test and the fuzzer: tables of classes that a text has changed, what
 * must hold for every one of them, and whether writing and reading one again gives it exactly.
 */
#ifndef TEST_POLICIES_H
#define TEST_POLICIES_H

#include <string.h>

#include "policy/language.h"

/* What was said about a text: how many directives were wrong, and the last of them. */
struct policies_report {
	unsigned count;
	struct tp_language_error error;
	char reason[128];
};

static inline void policies_keep(void *context, const struct tp_language_error *error)
{
	struct policies_report *report = context;

	report->count++;
	report->error = *error;
	strncpy(report->reason, error->reason, sizeof report->reason - 1);
}

/* Read a text onto default classes, and finish them. */
static inline struct policies_report policies_read(
    struct tp_classes *classes, size_t max_bytes, enum tp_class_zero zero, const char *text, size_t bytes)
{
	struct policies_report report = { 0 };

	tp_class_build(classes, max_bytes, zero);
	tp_language_parse(classes, text, bytes, policies_keep, &report);
	tp_language_finish(classes);
	return report;
}

/* The smallest class that holds so many bytes, by looking at every one. */
static inline unsigned policies_search(const struct tp_classes *classes, size_t bytes)
{
	unsigned i = 1;

	while (classes->row[i].object_bytes < bytes)
		i++;
	return i;
}

/* What is wrong with a table, or NULL. */
static inline const char *policies_fault(const struct tp_classes *classes)
{
	unsigned index = 1;

	if (classes->count < 2 || classes->count > TP_CLASS_LIMIT)
		return "the count is out of range";
	if (classes->row[classes->count - 1].object_bytes != classes->max_bytes)
		return "the last class is not the largest size";
	for (unsigned i = 1; i < classes->count; i++) {
		const struct tp_class *c = &classes->row[i];

		if (c->object_bytes <= c[-1].object_bytes || c->object_bytes % 16 != 0)
			return "the sizes do not rise by multiples of 16";
		if (c->capacity < 1 || c->capacity > TP_CLASS_CAPACITY_MAX)
			return "a cap is out of range";
		if (c->warm_count > c->capacity)
			return "warm is over the cap";
		if (c->refill_count < 1 || c->refill_count > c->capacity || c->refill_count > TP_CLASS_BATCH_MAX)
			return "a batch is out of range";
		if (c->mode > TP_CLASS_NEVER || c->zero > TP_ZERO_GET)
			return "a mode or a way to clear does not exist";
	}
	for (size_t bytes = 0; bytes <= classes->max_bytes; bytes += 16) {
		while (classes->row[index].object_bytes < bytes)
			index++;
		unsigned bar = classes->row[index].zero == TP_ZERO_GET ? TP_CLASS_SLOW_GET : 0;

		if (classes->of_grain[bytes / 16] != (index | bar))
			return "a size is not at its class";
	}
	return NULL;
}

/* Whether two tables are the same in all that a policy says. */
static inline bool policies_equal(const struct tp_classes *a, const struct tp_classes *b)
{
	if (a->count != b->count || a->max_bytes != b->max_bytes)
		return false;
	for (unsigned i = 1; i < a->count; i++) {
		const struct tp_class *c = &a->row[i], *d = &b->row[i];

		if (c->object_bytes != d->object_bytes || c->slab_bytes != d->slab_bytes || c->mode != d->mode ||
		    c->zero != d->zero || c->capacity != d->capacity || c->warm_count != d->warm_count ||
		    c->refill_count != d->refill_count || c->exact != d->exact || c->capped != d->capped)
			return false;
	}
	return memcmp(a->of_grain, b->of_grain, (a->max_bytes >> TP_CLASS_GRAIN_SHIFT) + 1) == 0;
}

/* What is lost between writing a table, whose classes had @zero by default, and reading it again; or NULL. */
static inline const char *policies_loss(const struct tp_classes *classes, enum tp_class_zero zero)
{
	static struct tp_classes again;
	static char text[2 * TP_LANGUAGE_PRINT_BYTES], second[2 * TP_LANGUAGE_PRINT_BYTES];
	struct tp_line line = tp_line_start(text, sizeof text);

	tp_language_print(classes, zero, &line);
	if (line.length >= TP_LANGUAGE_PRINT_BYTES)
		return "the text is longer than the longest";
	if (policies_read(&again, classes->max_bytes, zero, text, line.length).count > 0)
		return "the text is not right";
	if (!policies_equal(classes, &again))
		return "the text means another policy";
	line = tp_line_start(second, sizeof second);
	tp_language_print(&again, zero, &line);
	if (strcmp(text, second) != 0)
		return "the same policy is written in two ways";
	/* Fed to a program without TIDEPOOL_ZERO it must mean the same. */
	policies_read(&again, classes->max_bytes, TP_ZERO_OFF, text, strlen(text));
	return policies_equal(classes, &again) ? NULL : "the text means another policy without the default";
}

#endif

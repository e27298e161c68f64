/*
 * Settings: what a directive of the policy language says of a class, with their names
 * and bounds, for reading and for writing.
 *
 * Pure; see policy/README.md for what each means.
 */
#ifndef TP_POLICY_SETTING_H
#define TP_POLICY_SETTING_H

#include <stdbool.h>

#include "policy/class.h"
#include "policy/line.h"
#include "policy/reader.h"

/* In the order in which they are written. */
enum tp_setting {
	TP_SETTING_MODE,
	TP_SETTING_CAP,
	TP_SETTING_WARM,
	TP_SETTING_BATCH,
	TP_SETTING_ZERO,
	TP_SETTING_COUNT
};

#define TP_SETTING_UNSAID (-1)

struct tp_settings {
	int value[TP_SETTING_COUNT]; /* enum tp_class_mode, a count, or enum tp_class_zero */
	const char *place[TP_SETTING_COUNT]; /* of the number in the text that was read */
};

/* Say nothing. */
void tp_setting_clear(struct tp_settings *s);

/* Take one setting of a text. Returns whether it is one; else the reader has the reason. */
bool tp_setting_take(struct tp_reader *r, struct tp_settings *s);

/* Whether no count is over the cap that is named beside it; else the reader has the reason. */
bool tp_setting_check(struct tp_reader *r, const struct tp_settings *s);

/* Set what is said in a class. */
void tp_setting_apply(const struct tp_settings *s, struct tp_class *c);

/* No more warm objects and no larger batch than the class's cap. */
void tp_setting_bound(struct tp_class *c);

/*
 * Say what distinguishes a bounded class from its default. Clearing is left unsaid only where it and
 * @zero, what classes do by default, are off.
 */
void tp_setting_find(const struct tp_class *c, enum tp_class_zero zero, struct tp_settings *s);

bool tp_setting_equal(const struct tp_settings *a, const struct tp_settings *b);

/* Append what is said, as it is read: ":always,cap=64", or nothing. */
void tp_setting_print(const struct tp_settings *s, struct tp_line *line);

#endif

/*
 * Settings: what a directive of the policy language says of a class. Their names and bounds, for reading and writing.
 *
 * Pure. README.md says what each setting means.
 */
#ifndef TP_POLICY_SETTING_H
#define TP_POLICY_SETTING_H

#include <stdbool.h>

#include "policy/class.h"
#include "policy/line.h"
#include "policy/reader.h"

/* The settings, in the order in which they are written. */
enum tp_setting {
	TP_SETTING_MODE,
	TP_SETTING_CAP,
	TP_SETTING_WARM,
	TP_SETTING_BATCH,
	TP_SETTING_ZERO,
	TP_SETTING_COUNT
};

#define TP_SETTING_UNSAID (-1) /* the value of a setting that a directive does not have */

/* The settings of one directive. */
struct tp_settings {
	int value[TP_SETTING_COUNT]; /* enum tp_class_mode, a count, or enum tp_class_zero */
	const char *place[TP_SETTING_COUNT]; /* where the number is in the text that was read */
};

/* Make every setting unsaid. */
void tp_setting_clear(struct tp_settings *s);

/* Take one setting of a text. Returns false if it is none; the reader has the reason then. */
bool tp_setting_take(struct tp_reader *r, struct tp_settings *s);

/* Check that no count is over the directive's own cap. Returns false if one is; the reader has the reason then. */
bool tp_setting_check(struct tp_reader *r, const struct tp_settings *s);

/* Apply the settings that are said to a class. */
void tp_setting_apply(const struct tp_settings *s, struct tp_class *c);

/* Lower the warm objects and the batch of a class to its cap. */
void tp_setting_bound(struct tp_class *c);

/*
 * Say how a bounded class differs from the default of its size. @zero: how classes clear by default. Clearing is unsaid
 * only if the class's and the default's are both off.
 */
void tp_setting_find(const struct tp_class *c, enum tp_class_zero zero, struct tp_settings *s);

/* Return whether two directives say the same. */
bool tp_setting_equal(const struct tp_settings *a, const struct tp_settings *b);

/* Append what is said, in the language, for example ":always,cap=64"; nothing if all is unsaid. */
void tp_setting_print(const struct tp_settings *s, struct tp_line *line);

#endif

/*
 * Options: what the TIDEPOOL_ variables of an environment mean.
 *
 * Pure: it reads strings and fills the caller's struct, without looking at an environment, writing or allocating. The
 * process's struct is read-only after start (base/process.h).
 */
#ifndef TP_POLICY_OPTIONS_H
#define TP_POLICY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_OPTIONS_PREFIX "TIDEPOOL_"

/* What an option's value may be; options.def says how each is written. */
enum tp_option_kind {
	TP_KIND_CHOICE,
	TP_KIND_FLAG,
	TP_KIND_SIZE,
	TP_KIND_TIME,
	TP_KIND_NUMBER,
	TP_KIND_SIGNAL,
	TP_KIND_TEXT
};

/* The numbers of each CHOICE, in the order of its words. */
enum tp_mode { TP_MODE_POOL, TP_MODE_COUNT, TP_MODE_OFF };
enum tp_timer_mode { TP_TIMER_AUTO, TP_TIMER_THREAD, TP_TIMER_INLINE };
enum tp_pressure { TP_PRESSURE_ON, TP_PRESSURE_OFF };
enum tp_profile_unwind { TP_PROFILE_UNWIND, TP_PROFILE_FP };
enum tp_stats_format { TP_STATS_OFF, TP_STATS_TEXT, TP_STATS_JSON };

/* An option's value. */
struct tp_option_value {
	uint64_t number; /* CHOICE: index of the word; SIZE: bytes; TIME: ns; SIGNAL: its number, 0: none; TEXT: 0 */
	const char *text; /* as it was given; in the environment, until start has copied it */
	bool given; /* it was set and is allowed; otherwise it is the default */
};

/* All options, each under its field's name. */
struct tp_options {
#define TP_OPTION(field, name, kind, initial, values, help) struct tp_option_value field;
#include "policy/options.def"
#undef TP_OPTION
};

/* One row of options.def. */
struct tp_option_row {
	const char *name; /* without the prefix */
	enum tp_option_kind kind;
	const char *initial; /* the default, as it would be given */
	const char *values; /* what is allowed: words by commas, "LOW to HIGH", or a phrase for people */
	const char *help;
};

/* The rows, in the order of options.def, and how many there are. */
extern const struct tp_option_row tp_option_rows[];
extern const size_t tp_option_count;

/* Return the value of the option in row @index. */
struct tp_option_value *tp_options_value(struct tp_options *options, size_t index);

/* Set every option to its default. */
void tp_options_reset(struct tp_options *options);

/* What an assignment of an environment was. */
enum tp_option_result {
	TP_OPTION_SET, /* an option, and its value is in force */
	TP_OPTION_FOREIGN, /* not one of ours */
	TP_OPTION_UNKNOWN, /* our prefix, but no such option */
	TP_OPTION_WRONG, /* an option, but its value is not allowed; what was in force stays */
};

/* Apply one "NAME=value" of an environment. @row: set to the option's row if the result is SET or WRONG. */
enum tp_option_result tp_options_apply(
    struct tp_options *options, const char *assignment, const struct tp_option_row **row);

/* Write why a value of this row is wrong, to follow "NAME=value: ", for example "not one of pool, count, off". */
void tp_options_explain(const struct tp_option_row *row, char *buffer, size_t bytes);

#endif

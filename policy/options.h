/*
 * Options: what the TIDEPOOL_ variables of an environment mean.
 *
 * Pure: reads strings, fills a struct; no environment, output or allocation of
 * its own. The struct is read-only once start has filled it.
 */
#ifndef TP_POLICY_OPTIONS_H
#define TP_POLICY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TP_OPTIONS_PREFIX "TIDEPOOL_"

enum tp_option_kind {
	TP_KIND_CHOICE,
	TP_KIND_FLAG,
	TP_KIND_SIZE,
	TP_KIND_TIME,
	TP_KIND_NUMBER,
	TP_KIND_SIGNAL,
	TP_KIND_TEXT
};

enum tp_mode { TP_MODE_POOL, TP_MODE_COUNT, TP_MODE_OFF };
enum tp_timer_mode { TP_TIMER_AUTO, TP_TIMER_THREAD, TP_TIMER_INLINE };
enum tp_pressure { TP_PRESSURE_ON, TP_PRESSURE_OFF };
enum tp_profile_unwind { TP_PROFILE_UNWIND, TP_PROFILE_FP };
enum tp_counters_format { TP_STATS_OFF, TP_STATS_TEXT, TP_STATS_JSON };

/* An option's value: number for CHOICE (place in the list), FLAG, SIZE (bytes), TIME (ns), NUMBER, SIGNAL; text as given. */
struct tp_option_value {
	uint64_t number;
	const char *text; /* as given: of the environment until start has copied it */
	bool given;
};

struct tp_options {
#define TP_OPTION(field, name, kind, initial, values, help) struct tp_option_value field;
#include "policy/options.def"
#undef TP_OPTION
};

/* One row of options.def. */
struct tp_option_row {
	const char *name; /* without the prefix */
	enum tp_option_kind kind;
	const char *initial;
	const char *values;
	const char *help;
};

extern const struct tp_option_row tp_option_rows[];
extern const size_t tp_option_count;

/* The value of row @index. */
struct tp_option_value *tp_options_value(struct tp_options *options, size_t index);

/* Set every option to its default. */
void tp_options_reset(struct tp_options *options);

enum tp_option_result {
	TP_OPTION_SET, /* taken */
	TP_OPTION_FOREIGN, /* not one of ours */
	TP_OPTION_UNKNOWN, /* our prefix, but no such option */
	TP_OPTION_WRONG, /* the value is not allowed; the default stays */
};

/*
 * Apply one "NAME=value" of an environment. @row: set to the option's row for SET and WRONG.
 */
enum tp_option_result tp_options_apply(
    struct tp_options *options, const char *assignment, const struct tp_option_row **row);

/* Why a value of this row is wrong, to follow "NAME=value: ": "not one of pool, count, off". */
void tp_options_explain(const struct tp_option_row *row, char *buffer, size_t bytes);

#endif

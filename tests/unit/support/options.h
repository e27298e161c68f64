/*
 * What the tests of the options share: one set of them, and assignments to it.
 */
#ifndef TEST_OPTIONS_H
#define TEST_OPTIONS_H

#include <criterion/criterion.h>

#include "policy/options.h"

static struct tp_options options;
static const struct tp_option_row *row;

static inline void reset(void)
{
	memset(&options, 0xff, sizeof options);
	tp_options_reset(&options);
}

static inline enum tp_option_result apply(const char *assignment)
{
	row = NULL;
	return tp_options_apply(&options, assignment, &row);
}

/* "TIDEPOOL_NAME=value" is refused and changes nothing. */
static inline void expect_wrong(const char *assignment)
{
	struct tp_options before = options;

	cr_assert_eq(apply(assignment), TP_OPTION_WRONG, "%s", assignment);
	cr_assert_not_null(row, "%s", assignment);
	cr_assert_arr_eq(&options, &before, sizeof options, "%s changed an option", assignment);
}

#endif

/* Options: defaults, which of them an assignment sets, the reasons given for what it may not. */
#include "tests/unit/support/options.h"

#include <stdio.h>

#include "policy/class.h"

TestSuite(options, .init = reset);

static const struct tp_option_row *row_named(const char *name)
{
	for (size_t i = 0; i < tp_option_count; i++)
		if (strcmp(tp_option_rows[i].name, name) == 0)
			return &tp_option_rows[i];
	cr_assert_fail("no option %s", name);
	return NULL;
}

static void expect_reason(const char *name, const char *reason)
{
	char text[160];

	tp_options_explain(row_named(name), text, sizeof text);
	cr_assert_str_eq(text, reason);
}

Test(options, every_default_is_the_documented_one)
{
	static const struct {
		const char *name, *text;
		uint64_t number;
	} defaults[] = {
		{ "MODE", "pool", TP_MODE_POOL },
		{ "STATS", "off", TP_STATS_OFF },
		{ "STATS_FILE", "", 0 },
		{ "STATS_SIGNAL", "", 0 },
		{ "LIVE", "", 0 },
		{ "STATS_INTERVAL", "0", 0 },
		{ "TICK", "1s", 1000000000 },
		{ "TIMER", "auto", TP_TIMER_AUTO },
		{ "PRESSURE", "on", TP_PRESSURE_ON },
		{ "REGION", "1t", UINT64_C(1) << 40 },
		{ "ADMIT", "1000", 1000 },
		{ "DISMISS", "10", 10 },
		{ "CLASSES", "", 0 },
		{ "POLICY", "", 0 },
		{ "MAX", "64m", UINT64_C(64) << 20 },
		{ "MAX_CPU", "32m", UINT64_C(32) << 20 },
		{ "MAX_SIZE", "64k", 65536 },
		{ "ZERO", "off", TP_ZERO_OFF },
		{ "HISTOGRAM", "0", 0 },
		{ "PROFILE", "", 0 },
		{ "PROFILE_EVERY", "512k", UINT64_C(512) << 10 },
		{ "PROFILE_UNWIND", "unwind", TP_PROFILE_UNWIND },
		{ "VERBOSE", "0", 0 },
		{ "STRICT", "0", 0 },
		{ "HELP", "0", 0 },
	};

	cr_assert_eq(tp_option_count, sizeof defaults / sizeof *defaults, "an option's default is not listed here");
	for (size_t i = 0; i < tp_option_count; i++) {
		const struct tp_option_value *value =
		    tp_options_value(&options, (size_t)(row_named(defaults[i].name) - tp_option_rows));

		cr_assert_eq(value->number, defaults[i].number, "%s", defaults[i].name);
		cr_assert_str_eq(value->text, defaults[i].text, "%s", defaults[i].name);
		cr_assert_not(value->given, "%s", defaults[i].name);
	}
}

Test(options, every_default_is_a_value_its_option_allows)
{
	for (size_t i = 0; i < tp_option_count; i++) {
		struct tp_option_value before = *tp_options_value(&options, i);
		char assignment[128];

		snprintf(assignment, sizeof assignment, TP_OPTIONS_PREFIX "%s=%s", tp_option_rows[i].name,
		    tp_option_rows[i].initial);
		cr_assert_eq(apply(assignment), TP_OPTION_SET, "%s", assignment);
		cr_assert_eq(row, &tp_option_rows[i]);
		cr_assert_eq(tp_options_value(&options, i)->number, before.number, "%s", assignment);
		cr_assert(tp_options_value(&options, i)->given);
	}
}

Test(options, values_are_the_fields_in_order)
{
	cr_assert_eq(tp_options_value(&options, 0), &options.mode);
	cr_assert_eq(tp_options_value(&options, (size_t)(row_named("REGION") - tp_option_rows)), &options.region);
	cr_assert_eq(tp_options_value(&options, tp_option_count), &options.mode + tp_option_count);
	cr_assert_eq(sizeof options, tp_option_count * sizeof options.mode);
}

Test(options, setting_one_option_leaves_the_others)
{
	struct tp_options before = options;

	cr_assert_eq(apply("TIDEPOOL_REGION=1g"), TP_OPTION_SET);
	before.region = options.region;
	cr_assert_arr_eq(&options, &before, sizeof options);
}

Test(options, the_value_is_kept_as_given)
{
	const char *assignment = "TIDEPOOL_REGION=1G";

	cr_assert_eq(apply(assignment), TP_OPTION_SET);
	cr_assert_eq(options.region.text, assignment + strlen("TIDEPOOL_REGION="));
	cr_assert(options.region.given);
}

Test(options, wrong_value_leaves_the_last_right_one)
{
	cr_assert_eq(apply("TIDEPOOL_MODE=count"), TP_OPTION_SET);
	expect_wrong("TIDEPOOL_MODE=bogus");
	cr_assert_eq(options.mode.number, TP_MODE_COUNT);
	cr_assert_str_eq(options.mode.text, "count");
}

Test(options, wrong_value_names_its_row)
{
	expect_wrong("TIDEPOOL_STATS=maybe");
	cr_assert_eq(row, row_named("STATS"));
}

Test(options, name_without_equals_sign_is_wrong)
{
	expect_wrong("TIDEPOOL_MODE");
	cr_assert_eq(row, row_named("MODE"));
	expect_wrong("TIDEPOOL_STATS_FILE");
}

Test(options, name_with_our_prefix_that_is_no_option_is_unknown)
{
	static const char *const unknown[] = {
		"TIDEPOOL_NOPE=1",
		"TIDEPOOL_MOD=pool",
		"TIDEPOOL_MODES=pool",
		"TIDEPOOL_mode=pool",
		"TIDEPOOL_=1",
		"TIDEPOOL_",
		"TIDEPOOL_NOPE",
		"TIDEPOOL_ MODE=pool",
		"TIDEPOOL_STATS_=1",
	};
	struct tp_options before = options;

	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		cr_assert_eq(apply(unknown[i]), TP_OPTION_UNKNOWN, "%s", unknown[i]);
		cr_assert_null(row, "%s", unknown[i]);
	}
	cr_assert_arr_eq(&options, &before, sizeof options);
}

Test(options, name_without_our_prefix_is_foreign)
{
	static const char *const foreign[] = {
		"",
		"PATH=/bin",
		"MODE=count",
		"TIDEPOOL",
		"TIDEPOOL=1",
		"tidepool_MODE=count",
		"XTIDEPOOL_MODE=count",
	};
	struct tp_options before = options;

	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		cr_assert_eq(apply(foreign[i]), TP_OPTION_FOREIGN, "%s", foreign[i]);
		cr_assert_null(row, "%s", foreign[i]);
	}
	cr_assert_arr_eq(&options, &before, sizeof options);
}

Test(options, reason_lists_what_is_allowed)
{
	expect_reason("MODE", "not one of pool, count, off");
	expect_reason("STATS", "not one of off, text, json");
	expect_reason("STATS_FILE", "not a path");
	expect_reason("STATS_SIGNAL", "not a signal's name");
	expect_reason("TICK", "not 0 or a time from 10ms to 1h");
	expect_reason("TIMER", "not one of auto, thread, inline");
	expect_reason("PRESSURE", "not one of on, off");
	expect_reason("REGION", "not a size from 16m to 64t");
	expect_reason("VERBOSE", "not one of 0, 1");
	expect_reason("STRICT", "not one of 0, 1");
	expect_reason("HELP", "not one of 0, 1");
}

Test(options, every_reason_fits_the_warnings_buffer)
{
	for (size_t i = 0; i < tp_option_count; i++) {
		char whole[1024], text[160];

		tp_options_explain(&tp_option_rows[i], whole, sizeof whole);
		tp_options_explain(&tp_option_rows[i], text, sizeof text);
		cr_assert_str_eq(text, whole);
	}
}

Test(options, reason_is_cut_to_its_buffer)
{
	static const char whole[] = "not one of pool, count, off";

	for (size_t bytes = 1; bytes <= sizeof whole; bytes++) {
		char text[sizeof whole + 1];

		memset(text, '#', sizeof text);
		tp_options_explain(row_named("MODE"), text, bytes);
		cr_assert_eq(strlen(text), bytes - 1);
		cr_assert_arr_eq(text, whole, bytes - 1);
		for (size_t i = bytes; i < sizeof text; i++)
			cr_assert_eq(text[i], '#', "%zu bytes: wrote byte %zu", bytes, i);
	}
}

/* Options: defaults, the values each kind allows, the reasons given for the others. */
#include "policy/class.h"
#include "policy/options.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>

static struct tp_options options;
static const struct tp_option_row *row;

static void reset(void)
{
	memset(&options, 0xff, sizeof options);
	tp_options_reset(&options);
}

TestSuite(options, .init = reset);

static enum tp_option_result apply(const char *assignment)
{
	row = NULL;
	return tp_options_apply(&options, assignment, &row);
}

static const struct tp_option_row *row_named(const char *name)
{
	for (size_t i = 0; i < tp_option_count; i++)
		if (strcmp(tp_option_rows[i].name, name) == 0)
			return &tp_option_rows[i];
	cr_assert_fail("no option %s", name);
	return NULL;
}

/* "TIDEPOOL_NAME=value" is refused and changes nothing. */
static void expect_wrong(const char *assignment)
{
	struct tp_options before = options;

	cr_assert_eq(apply(assignment), TP_OPTION_WRONG, "%s", assignment);
	cr_assert_not_null(row, "%s", assignment);
	cr_assert_arr_eq(&options, &before, sizeof options, "%s changed an option", assignment);
}

static void expect_region(const char *assignment, uint64_t bytes)
{
	cr_assert_eq(apply(assignment), TP_OPTION_SET, "%s", assignment);
	cr_assert_eq(options.region.number, bytes, "%s is %zu", assignment, (size_t)options.region.number);
}

static void expect_tick(const char *assignment, uint64_t ns)
{
	cr_assert_eq(apply(assignment), TP_OPTION_SET, "%s", assignment);
	cr_assert_eq(options.tick.number, ns, "%s is %zu", assignment, (size_t)options.tick.number);
}

static void expect_signal(const char *assignment, int number)
{
	cr_assert_eq(apply(assignment), TP_OPTION_SET, "%s", assignment);
	cr_assert_eq(options.stats_signal.number, (uint64_t)number, "%s", assignment);
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

Test(options, choice_takes_each_of_its_words)
{
	cr_assert_eq(apply("TIDEPOOL_MODE=pool"), TP_OPTION_SET);
	cr_assert_eq(options.mode.number, TP_MODE_POOL);
	cr_assert_eq(apply("TIDEPOOL_MODE=count"), TP_OPTION_SET);
	cr_assert_eq(options.mode.number, TP_MODE_COUNT);
	cr_assert_eq(apply("TIDEPOOL_MODE=off"), TP_OPTION_SET);
	cr_assert_eq(options.mode.number, TP_MODE_OFF);
	cr_assert_eq(apply("TIDEPOOL_STATS=off"), TP_OPTION_SET);
	cr_assert_eq(options.stats.number, TP_STATS_OFF);
	cr_assert_eq(apply("TIDEPOOL_STATS=text"), TP_OPTION_SET);
	cr_assert_eq(options.stats.number, TP_STATS_TEXT);
	cr_assert_eq(apply("TIDEPOOL_STATS=json"), TP_OPTION_SET);
	cr_assert_eq(options.stats.number, TP_STATS_JSON);
	cr_assert_eq(apply("TIDEPOOL_TIMER=auto"), TP_OPTION_SET);
	cr_assert_eq(options.timer.number, TP_TIMER_AUTO);
	cr_assert_eq(apply("TIDEPOOL_TIMER=thread"), TP_OPTION_SET);
	cr_assert_eq(options.timer.number, TP_TIMER_THREAD);
	cr_assert_eq(apply("TIDEPOOL_TIMER=inline"), TP_OPTION_SET);
	cr_assert_eq(options.timer.number, TP_TIMER_INLINE);
	cr_assert_eq(apply("TIDEPOOL_PRESSURE=off"), TP_OPTION_SET);
	cr_assert_eq(options.pressure.number, TP_PRESSURE_OFF);
	cr_assert_eq(apply("TIDEPOOL_PRESSURE=on"), TP_OPTION_SET);
	cr_assert_eq(options.pressure.number, TP_PRESSURE_ON);
}

Test(options, choice_takes_whole_words_only)
{
	expect_wrong("TIDEPOOL_MODE=");
	expect_wrong("TIDEPOOL_MODE=poo");
	expect_wrong("TIDEPOOL_MODE=pools");
	expect_wrong("TIDEPOOL_MODE=Pool");
	expect_wrong("TIDEPOOL_MODE=of");
	expect_wrong("TIDEPOOL_MODE=pool,count");
	expect_wrong("TIDEPOOL_MODE=,");
	expect_wrong("TIDEPOOL_MODE= pool");
	expect_wrong("TIDEPOOL_STATS=pool");
}

Test(options, flag_takes_0_and_1_only)
{
	cr_assert_eq(apply("TIDEPOOL_STRICT=1"), TP_OPTION_SET);
	cr_assert_eq(options.strict.number, 1);
	cr_assert_eq(apply("TIDEPOOL_STRICT=0"), TP_OPTION_SET);
	cr_assert_eq(options.strict.number, 0);
	expect_wrong("TIDEPOOL_STRICT=");
	expect_wrong("TIDEPOOL_STRICT=2");
	expect_wrong("TIDEPOOL_STRICT=01");
	expect_wrong("TIDEPOOL_STRICT=-1");
	expect_wrong("TIDEPOOL_STRICT=yes");
	expect_wrong("TIDEPOOL_STRICT=0,1");
}

Test(options, size_takes_bytes_and_units)
{
	expect_region("TIDEPOOL_REGION=20000000", 20000000);
	expect_region("TIDEPOOL_REGION=20000k", UINT64_C(20000) << 10);
	expect_region("TIDEPOOL_REGION=20m", UINT64_C(20) << 20);
	expect_region("TIDEPOOL_REGION=20g", UINT64_C(20) << 30);
	expect_region("TIDEPOOL_REGION=20t", UINT64_C(20) << 40);
	expect_region("TIDEPOOL_REGION=0020m", UINT64_C(20) << 20);
	expect_region("TIDEPOOL_REGION=20000K", UINT64_C(20000) << 10);
	expect_region("TIDEPOOL_REGION=20M", UINT64_C(20) << 20);
	expect_region("TIDEPOOL_REGION=20G", UINT64_C(20) << 30);
	expect_region("TIDEPOOL_REGION=20T", UINT64_C(20) << 40);
}

Test(options, size_is_held_to_its_range)
{
	expect_region("TIDEPOOL_REGION=16m", UINT64_C(16) << 20);
	expect_region("TIDEPOOL_REGION=16777216", UINT64_C(16) << 20);
	expect_wrong("TIDEPOOL_REGION=16777215");
	expect_wrong("TIDEPOOL_REGION=0");
	expect_wrong("TIDEPOOL_REGION=15m");
	expect_region("TIDEPOOL_REGION=64t", UINT64_C(64) << 40);
	expect_region("TIDEPOOL_REGION=70368744177664", UINT64_C(64) << 40);
	expect_wrong("TIDEPOOL_REGION=70368744177665");
	expect_wrong("TIDEPOOL_REGION=65t");
}

Test(options, size_that_overflows_is_wrong_even_where_it_wraps_into_the_range)
{
	expect_wrong("TIDEPOOL_REGION=18446744073709551616"); /* 2^64 */
	expect_wrong("TIDEPOOL_REGION=18446744074783293440"); /* 2^64 + 1 GiB */
	expect_wrong("TIDEPOOL_REGION=184467440737095516170"); /* a digit more */
	expect_wrong("TIDEPOOL_REGION=99999999999999999999999");
	expect_wrong("TIDEPOOL_REGION=16777217t"); /* 2^64 + 1 TiB */
	expect_wrong("TIDEPOOL_REGION=17179869185g"); /* 2^64 + 1 GiB */
	expect_wrong("TIDEPOOL_REGION=17592186044436m"); /* 2^64 + 20 MiB */
	expect_wrong("TIDEPOOL_REGION=18014398509502464k"); /* 2^64 + 20 MiB */
}

Test(options, size_that_is_no_number_with_a_unit_is_wrong)
{
	expect_wrong("TIDEPOOL_REGION=");
	expect_wrong("TIDEPOOL_REGION=g");
	expect_wrong("TIDEPOOL_REGION=1gb");
	expect_wrong("TIDEPOOL_REGION=1gg");
	expect_wrong("TIDEPOOL_REGION=1p");
	expect_wrong("TIDEPOOL_REGION=20000000b");
	expect_wrong("TIDEPOOL_REGION=-20000000");
	expect_wrong("TIDEPOOL_REGION=+1g");
	expect_wrong("TIDEPOOL_REGION= 1g");
	expect_wrong("TIDEPOOL_REGION=1g ");
	expect_wrong("TIDEPOOL_REGION=1 g");
	expect_wrong("TIDEPOOL_REGION=1g to 2g");
	expect_wrong("TIDEPOOL_REGION=0x10000000");
	expect_wrong("TIDEPOOL_REGION=1.5g");
	expect_wrong("TIDEPOOL_REGION=lots");
}

Test(options, time_takes_milliseconds_to_hours)
{
	expect_tick("TIDEPOOL_TICK=250ms", 250000000);
	expect_tick("TIDEPOOL_TICK=2s", 2000000000);
	expect_tick("TIDEPOOL_TICK=3m", UINT64_C(180000000000));
	expect_tick("TIDEPOOL_TICK=1h", UINT64_C(3600000000000));
	expect_tick("TIDEPOOL_TICK=0250ms", 250000000);
	expect_tick("TIDEPOOL_TICK=250MS", 250000000);
	expect_tick("TIDEPOOL_TICK=250Ms", 250000000);
	expect_tick("TIDEPOOL_TICK=2S", 2000000000);
	expect_tick("TIDEPOOL_TICK=3M", UINT64_C(180000000000));
	expect_tick("TIDEPOOL_TICK=1H", UINT64_C(3600000000000));
}

Test(options, time_may_be_0_below_its_range_and_needs_no_unit_then)
{
	expect_tick("TIDEPOOL_TICK=0", 0);
	cr_assert_str_eq(options.tick.text, "0");
	expect_wrong("TIDEPOOL_TICK=00");
	expect_wrong("TIDEPOOL_TICK=0s");
	expect_wrong("TIDEPOOL_TICK=0ms");
}

Test(options, time_is_held_to_its_range)
{
	expect_tick("TIDEPOOL_TICK=10ms", 10000000);
	expect_wrong("TIDEPOOL_TICK=9ms");
	expect_wrong("TIDEPOOL_TICK=1ms");
	expect_tick("TIDEPOOL_TICK=3600s", UINT64_C(3600000000000));
	expect_tick("TIDEPOOL_TICK=3600000ms", UINT64_C(3600000000000));
	expect_tick("TIDEPOOL_TICK=60m", UINT64_C(3600000000000));
	expect_wrong("TIDEPOOL_TICK=3601s");
	expect_wrong("TIDEPOOL_TICK=3600001ms");
	expect_wrong("TIDEPOOL_TICK=61m");
	expect_wrong("TIDEPOOL_TICK=2h");
}

Test(options, time_that_overflows_is_wrong_even_where_it_wraps_into_the_range)
{
	expect_wrong("TIDEPOOL_TICK=18446744073709551616s"); /* 2^64 */
	expect_wrong("TIDEPOOL_TICK=18446744073710ms"); /* 2^64 ns and a little */
	expect_wrong("TIDEPOOL_TICK=18446744075s"); /* 2^64 ns and 1.3 s */
	expect_wrong("TIDEPOOL_TICK=307445735m"); /* 2^64 ns and 26 s */
	expect_wrong("TIDEPOOL_TICK=99999999999999999999999h");
}

Test(options, time_that_is_no_number_with_a_unit_is_wrong)
{
	expect_wrong("TIDEPOOL_TICK=");
	expect_wrong("TIDEPOOL_TICK=1");
	expect_wrong("TIDEPOOL_TICK=20000000");
	expect_wrong("TIDEPOOL_TICK=s");
	expect_wrong("TIDEPOOL_TICK=ms");
	expect_wrong("TIDEPOOL_TICK=1d");
	expect_wrong("TIDEPOOL_TICK=20000us");
	expect_wrong("TIDEPOOL_TICK=1ss");
	expect_wrong("TIDEPOOL_TICK=1sm");
	expect_wrong("TIDEPOOL_TICK=1m30s");
	expect_wrong("TIDEPOOL_TICK=-1s");
	expect_wrong("TIDEPOOL_TICK=+1s");
	expect_wrong("TIDEPOOL_TICK= 1s");
	expect_wrong("TIDEPOOL_TICK=1s ");
	expect_wrong("TIDEPOOL_TICK=1 s");
	expect_wrong("TIDEPOOL_TICK=1s to 2s");
	expect_wrong("TIDEPOOL_TICK=1.5s");
	expect_wrong("TIDEPOOL_TICK=never");
}

Test(options, signal_is_named_with_or_without_sig)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {
		{ "HUP", SIGHUP },
		{ "INT", SIGINT },
		{ "QUIT", SIGQUIT },
		{ "USR1", SIGUSR1 },
		{ "USR2", SIGUSR2 },
		{ "ALRM", SIGALRM },
		{ "TERM", SIGTERM },
		{ "URG", SIGURG },
		{ "XCPU", SIGXCPU },
		{ "VTALRM", SIGVTALRM },
		{ "PROF", SIGPROF },
		{ "WINCH", SIGWINCH },
		{ "IO", SIGIO },
		{ "PWR", SIGPWR },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		char assignment[64];

		snprintf(assignment, sizeof assignment, "TIDEPOOL_STATS_SIGNAL=%s", known[i].name);
		expect_signal(assignment, known[i].number);
		snprintf(assignment, sizeof assignment, "TIDEPOOL_STATS_SIGNAL=SIG%s", known[i].name);
		expect_signal(assignment, known[i].number);
	}
}

Test(options, empty_signal_means_none)
{
	expect_signal("TIDEPOOL_STATS_SIGNAL=USR1", SIGUSR1);
	expect_signal("TIDEPOOL_STATS_SIGNAL=", 0);
}

Test(options, signal_that_cannot_be_caught_or_is_a_crash_is_wrong)
{
	expect_wrong("TIDEPOOL_STATS_SIGNAL=KILL");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=STOP");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=SEGV");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=SIGABRT");
}

Test(options, signal_that_is_no_name_is_wrong)
{
	expect_wrong("TIDEPOOL_STATS_SIGNAL=SIG");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=SIGSIGUSR1");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=usr1");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=USR");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=USR11");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=10");
}

Test(options, text_takes_anything)
{
	cr_assert_eq(apply("TIDEPOOL_STATS_FILE=/tmp/a=b %p,c"), TP_OPTION_SET);
	cr_assert_str_eq(options.stats_file.text, "/tmp/a=b %p,c");
	cr_assert_eq(apply("TIDEPOOL_STATS_FILE="), TP_OPTION_SET);
	cr_assert_str_eq(options.stats_file.text, "");
	cr_assert(options.stats_file.given);
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

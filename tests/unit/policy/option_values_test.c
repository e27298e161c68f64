/* What an option takes: words, flags, sizes, times, signals, text. */
#include "tests/unit/support/options.h"

#include <signal.h>
#include <stdio.h>

TestSuite(option_values, .init = reset);

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

Test(option_values, choice_takes_each_of_its_words)
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

Test(option_values, choice_takes_whole_words_only)
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

Test(option_values, flag_takes_0_and_1_only)
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

Test(option_values, size_takes_bytes_and_units)
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

Test(option_values, size_is_held_to_its_range)
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

Test(option_values, size_that_overflows_is_wrong_even_where_it_wraps_into_the_range)
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

Test(option_values, size_that_is_no_number_with_a_unit_is_wrong)
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

Test(option_values, time_takes_milliseconds_to_hours)
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

Test(option_values, time_may_be_0_below_its_range_and_needs_no_unit_then)
{
	expect_tick("TIDEPOOL_TICK=0", 0);
	cr_assert_str_eq(options.tick.text, "0");
	expect_wrong("TIDEPOOL_TICK=00");
	expect_wrong("TIDEPOOL_TICK=0s");
	expect_wrong("TIDEPOOL_TICK=0ms");
}

Test(option_values, time_is_held_to_its_range)
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

Test(option_values, time_that_overflows_is_wrong_even_where_it_wraps_into_the_range)
{
	expect_wrong("TIDEPOOL_TICK=18446744073709551616s"); /* 2^64 */
	expect_wrong("TIDEPOOL_TICK=18446744073710ms"); /* 2^64 ns and a little */
	expect_wrong("TIDEPOOL_TICK=18446744075s"); /* 2^64 ns and 1.3 s */
	expect_wrong("TIDEPOOL_TICK=307445735m"); /* 2^64 ns and 26 s */
	expect_wrong("TIDEPOOL_TICK=99999999999999999999999h");
}

Test(option_values, time_that_is_no_number_with_a_unit_is_wrong)
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

Test(option_values, signal_is_named_with_or_without_sig)
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

Test(option_values, empty_signal_means_none)
{
	expect_signal("TIDEPOOL_STATS_SIGNAL=USR1", SIGUSR1);
	expect_signal("TIDEPOOL_STATS_SIGNAL=", 0);
}

Test(option_values, signal_that_cannot_be_caught_or_is_a_crash_is_wrong)
{
	expect_wrong("TIDEPOOL_STATS_SIGNAL=KILL");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=STOP");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=SEGV");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=SIGABRT");
}

Test(option_values, signal_that_is_no_name_is_wrong)
{
	expect_wrong("TIDEPOOL_STATS_SIGNAL=SIG");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=SIGSIGUSR1");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=usr1");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=USR");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=USR11");
	expect_wrong("TIDEPOOL_STATS_SIGNAL=10");
}

Test(option_values, text_takes_anything)
{
	cr_assert_eq(apply("TIDEPOOL_STATS_FILE=/tmp/a=b %p,c"), TP_OPTION_SET);
	cr_assert_str_eq(options.stats_file.text, "/tmp/a=b %p,c");
	cr_assert_eq(apply("TIDEPOOL_STATS_FILE="), TP_OPTION_SET);
	cr_assert_str_eq(options.stats_file.text, "");
	cr_assert(options.stats_file.given);
}

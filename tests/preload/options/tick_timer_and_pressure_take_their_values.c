/*
 * TIDEPOOL_TICK takes 0 and times from 10ms to 1h, TIDEPOOL_TIMER and TIDEPOOL_PRESSURE their words;
 * anything else is exactly one line that says what would do, and the default holds.
 * @no-preload
 * @variants rseq
 */
#include "child.h"

static void expect_warning(char *setting, const char *warning)
{
	static struct child child;

	child_run(&child, "run", NULL, setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(strcmp(child.err, warning) == 0, "%s gave \"%s\", not \"%s\"", setting, child.err, warning);
	EXPECT(strcmp(child.out, "ran\n") == 0, "%s: main did not run", setting);
}

static void expect_times(void)
{
	static const char *const right[] = { "0", "10ms", "999ms", "1s", "90s", "60m", "1h", "3600s", "1S", "10MS",
		"3600000ms" };
	static const char *const wrong[] = { "5ms", "9ms", "3601s", "61m", "2h", "1", "10", "0s", "0ms", "-1s", "1.5s",
		"1s ", "s", "", "1d", "10us", "ms", "99999999999999999999s" };
	char setting[128], warning[256];

	for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
		snprintf(setting, sizeof setting, "TIDEPOOL_TICK=%s", right[i]);
		expect_warning(setting, "");
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(setting, sizeof setting, "TIDEPOOL_TICK=%s", wrong[i]);
		snprintf(warning, sizeof warning,
		    "tidepool: TIDEPOOL_TICK=%s: not 0 or a time from 10ms to 1h; using 1s\n", wrong[i]);
		expect_warning(setting, warning);
	}
}

static void expect_words(void)
{
	static char right[][32] = { "TIDEPOOL_TIMER=auto", "TIDEPOOL_TIMER=thread", "TIDEPOOL_TIMER=inline",
		"TIDEPOOL_PRESSURE=on", "TIDEPOOL_PRESSURE=off" };
	static char timer[] = "TIDEPOOL_TIMER=threads", pressure[] = "TIDEPOOL_PRESSURE=1";

	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		expect_warning(right[i], "");
	expect_warning(timer, "tidepool: TIDEPOOL_TIMER=threads: not one of auto, thread, inline; using auto\n");
	expect_warning(pressure, "tidepool: TIDEPOOL_PRESSURE=1: not one of on, off; using on\n");
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		puts("ran");
		return 0;
	}
	expect_times();
	expect_words();
	return 0;
}

/*
 * TIDEPOOL_HELP=1 lists every option on stdout and ends the program with status 0 before main.
 * @no-preload
 */
#include "child.h"

int main(int argc, char **argv)
{
	static const char *const options[] = { "TIDEPOOL_MODE", "TIDEPOOL_STATS", "TIDEPOOL_STATS_FILE",
		"TIDEPOOL_VERBOSE", "TIDEPOOL_STRICT", "TIDEPOOL_HELP", "TIDEPOOL_STATS_SIGNAL" };
	static struct child child;

	(void)argv;
	if (argc > 1) {
		puts("main ran");
		return 5;
	}
	child_run(&child, "run", NULL, "TIDEPOOL_HELP=1", NULL);
	child_expect_exit(&child, 0);
	EXPECT(!strstr(child.out, "main ran"), "main ran");
	EXPECT(!*child.err, "stderr has %s", child.err);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		EXPECT(strstr(child.out, options[i]), "%s is not listed in: %s", options[i], child.out);
	return 0;
}

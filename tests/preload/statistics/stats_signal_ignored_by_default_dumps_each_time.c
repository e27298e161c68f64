/*
 * A signal that does nothing by default, named in TIDEPOOL_STATS_SIGNAL, dumps each time it comes and
 * still does nothing: after the first it is ours as before.
 * @no-preload
 */
#include <signal.h>

#include "child.h"
#include "dump.h"

#define SIGNALS 3

static const struct {
	const char *name;
	int number;
} signals[] = { { "URG", SIGURG }, { "WINCH", SIGWINCH } };

static int come(int number)
{
	for (int i = 0; i < SIGNALS; i++)
		raise(number);
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;
	char setting[64];

	if (argc > 1)
		return come(atoi(argv[1]));
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		char number[16];
		int dumps = 0;

		snprintf(setting, sizeof setting, "TIDEPOOL_STATS_SIGNAL=%s", signals[i].name);
		snprintf(number, sizeof number, "%d", signals[i].number);
		child_run(&child, number, NULL, "TIDEPOOL_STATS=json", setting, NULL);
		child_expect_exit(&child, 0);
		for (const char *at = child.err; (at = strstr(at, "{\"schema\":2")); at++)
			dumps++;
		EXPECT(dumps == SIGNALS + 1, "%s: %d dumps of %d signals and the end", signals[i].name, dumps, SIGNALS);
	}
	return 0;
}

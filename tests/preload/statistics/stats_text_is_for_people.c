/*
 * With TIDEPOOL_STATS=text the dump on stderr has the totals before the classes, and the classes
 * that were asked for most come first.
 * @no-preload
 */
#include "child.h"

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1) {
		for (int i = 0; i < 30000; i++)
			free(malloc(i % 3 ? 7000 : 50000));
		return 0;
	}
	child_run(&child, "run", NULL, "TIDEPOOL_STATS=text", NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.out, "stdout has %s", child.out);

	const char *totals = strstr(child.err, " all "), *most = strstr(child.err, " 20000 ");
	const char *less = strstr(child.err, " 10000 ");
	EXPECT(strstr(child.err, "gets") && totals && most && less, "rows are missing in %.900s", child.err);
	EXPECT(totals < most && most < less, "the rows are in a wrong order: %.900s", child.err);
	return 0;
}

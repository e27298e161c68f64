/*
 * With TIDEPOOL_STRICT=1 a program with a right policy runs, and stderr stays empty.
 * @no-preload
 */
#include "child.h"

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1)
		return 5;
	child_run(&child, "run", NULL, "TIDEPOOL_STRICT=1",
	    "TIDEPOOL_POLICY=tests/preload/options/policies/right.policy", "TIDEPOOL_CLASSES=4k:always", NULL);
	child_expect_exit(&child, 5);
	EXPECT(!*child.err, "stderr has %s", child.err);
	return 0;
}

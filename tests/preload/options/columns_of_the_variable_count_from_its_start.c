/*
 * TIDEPOOL_CLASSES is one text with one count of columns, also where it has several lines.
 * @no-preload
 */
#include "child.h"

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1)
		return 0;
	child_run(&child, "run", NULL, "TIDEPOOL_CLASSES=4k:never\n8k:foo\n\n16k:bar", NULL);
	child_expect_exit(&child, 0);
	EXPECT(!strcmp(child.err, "tidepool: TIDEPOOL_CLASSES: column 13: unknown setting 'foo'\n"
				  "tidepool: TIDEPOOL_CLASSES: column 22: unknown setting 'bar'\n"),
	    "stderr has %s", child.err);
	return 0;
}

/*
 * TIDEPOOL_VERBOSE=1 prints one line on stderr: version, mode, rseq or lock, options in force.
 * @no-preload
 * @variants rseq lock norseq
 */
#include <sys/rseq.h>

#include "child.h"

int main(int argc, char **argv)
{
	static struct child child;

	(void)argv;
	if (argc > 1) {
		puts(__rseq_size ? "rseq" : "lock");
		return 0;
	}
	child_run(&child, "run", NULL, "TIDEPOOL_VERBOSE=1", "TIDEPOOL_MODE=pool", NULL);
	child_expect_exit(&child, 0);
	char *end = strchr(child.err, '\n');
	EXPECT(end && !end[1], "not one line: %s", child.err);
	EXPECT(!strncmp(child.err, "tidepool: ", 10), "the line is %s", child.err);
	EXPECT(strpbrk(child.err + 10, "0123456789"), "no version in %s", child.err);
	EXPECT(strstr(child.err, "pool"), "no mode in %s", child.err);

	const char *variant = getenv("TEST_VARIANT");
	int lock = strstr(child.out, "lock") || (variant && !strcmp(variant, "norseq"));
	EXPECT(strstr(child.err, lock ? "lock" : "rseq"), "the run had %s, the line is %s", lock ? "lock" : "rseq",
	    child.err);
	return 0;
}

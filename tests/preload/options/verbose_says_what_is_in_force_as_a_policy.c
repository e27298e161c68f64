/*
 * TIDEPOOL_VERBOSE=1 says on stderr what is in force: a comment with the version, the mode, rseq or lock and
 * the options given, then the policy; read as a policy file, all of it leads to the same policy.
 * @no-preload
 * @variants rseq lock norseq
 */
#include <sys/rseq.h>

#include "child.h"

static struct child child;

static const char *after_first_line(const char *text)
{
	const char *end = strchr(text, '\n');

	EXPECT(end, "there is no line in '%s'", text);
	return end + 1;
}

static void expect_comment(void)
{
	const char *variant = getenv("TEST_VARIANT");

	child_run(&child, "run", NULL, "TIDEPOOL_VERBOSE=1", "TIDEPOOL_MODE=pool", NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*after_first_line(child.err), "more than the comment: %s", child.err);
	EXPECT(!strncmp(child.err, "# tidepool ", 11), "the line is %s", child.err);
	EXPECT(strpbrk(child.err, "0123456789"), "no version in %s", child.err);
	EXPECT(strstr(child.err, ": mode pool, "), "no mode in %s", child.err);
	EXPECT(strstr(child.err, ", MODE=pool, VERBOSE=1\n"), "not the options in %s", child.err);
	int lock = strstr(child.out, "lock") || (variant && !strcmp(variant, "norseq"));
	EXPECT(strstr(child.err, lock ? ", lock, " : ", rseq, "), "the run had %s, the line is %s",
	    lock ? "lock" : "rseq", child.err);
}

/* @classes, with this default of clearing, is said as @policy; and so is that, as a file. */
static void expect_round_trip(const char *classes, const char *zero, const char *policy)
{
	char dir[256], path[300], setting[400];

	child_run(&child, "run", NULL, "TIDEPOOL_VERBOSE=1", classes, zero, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!strcmp(after_first_line(child.err), policy), "%s is said as %s", classes, child.err);

	child_make_directory(dir);
	snprintf(path, sizeof path, "%s/policy", dir);
	FILE *file = fopen(path, "w");
	EXPECT(file, "cannot make %s", path);
	fputs(child.err, file);
	fclose(file);
	snprintf(setting, sizeof setting, "TIDEPOOL_POLICY=%s", path);
	child_run(&child, "run", NULL, "TIDEPOOL_VERBOSE=1", setting, zero, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!strcmp(after_first_line(child.err), policy), "%s is read as %s", policy, child.err);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		puts(__rseq_size ? "rseq" : "lock");
		return 0;
	}
	expect_comment();
	expect_round_trip("TIDEPOOL_CLASSES=16-1k:never 4160:cap=20,batch=5 4k:always,warm=3\n64k:zero=get,cap=9",
	    "TIDEPOOL_ZERO=off", "16-1k:never\n4k:always,warm=3\n4160:cap=20,batch=5\n64k:cap=9,zero=get\n");
	expect_round_trip("TIDEPOOL_CLASSES=4160:zero=off", "TIDEPOOL_ZERO=put",
	    "16-4k:zero=put\n4160:zero=off\n4608-64k:zero=put\n");
	return 0;
}

/*
 * Whatever TIDEPOOL_POLICY names, the program runs, soon, after a few lines of warning: a folder, a device
 * without an end, a pipe that nobody writes to, a file that is too long or is something else.
 * The first call of malloc, which reads it, keeps errno.
 * @no-preload
 */
#include <errno.h>

#include "child.h"

static int early_errno;

static void allocate_early(void)
{
	errno = 4711;
	free(malloc(100));
	early_errno = errno;
}

__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = allocate_early;

static char dir[256], path[300];

static void write_file(const char *text, size_t times)
{
	FILE *file = fopen(path, "w");

	EXPECT(file, "cannot make %s", path);
	while (times-- > 0)
		fputs(text, file);
	fclose(file);
}

/* What is said of a file that is named is this reason alone, or nothing where it is NULL. */
static void expect_said(const char *named, const char *reason)
{
	static struct child child;
	static char setting[600], expected[600];

	snprintf(setting, sizeof setting, "TIDEPOOL_POLICY=%s", named);
	if (reason)
		snprintf(expected, sizeof expected, "tidepool: TIDEPOOL_POLICY: %s: %s\n", named, reason);
	child_run(&child, "run", NULL, setting, NULL);
	child_expect_exit(&child, 5);
	EXPECT(!strcmp(child.err, reason ? expected : ""), "of %s is said: %s", named, child.err);
}

static void expect_few_lines(void)
{
	static struct child child;
	static char setting[600];
	int lines = 0;

	snprintf(setting, sizeof setting, "TIDEPOOL_POLICY=%s", path);
	child_run(&child, "run", NULL, setting, NULL);
	child_expect_exit(&child, 5);
	for (const char *c = child.err; *c; c++)
		lines += *c == '\n';
	EXPECT(lines == 17, "%d lines: %s", lines, child.err);
	EXPECT(strstr(child.err, "tidepool: TIDEPOOL_POLICY: 983 more directives are ignored\n"), "%s", child.err);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return early_errno == 4711 ? 5 : 6;
	child_make_directory(dir);
	snprintf(path, sizeof path, "%s/policy", dir);
	expect_said(dir, "cannot be read: Is a directory");
	expect_said(path, "cannot be read: No such file or directory");
	expect_said("/dev/zero", "longer than 65536 bytes");
	expect_said("/dev/null", NULL);
	EXPECT(mkfifo(path, 0600) == 0, "cannot make the pipe %s", path);
	expect_said(path, NULL);
	unlink(path);
	write_file("#1234567890123\n\n", 4096); /* 65536 bytes */
	expect_said(path, NULL);
	write_file("#1234567890123\n\n", 4097);
	expect_said(path, "longer than 65536 bytes");
	write_file("not a policy\n", 333); /* 999 words */
	expect_few_lines();
	return 0;
}

/*
 * A path that cannot be written, a pipe that nobody reads, a mode without pools and a missing libunwind
 * are one line each, and the program runs on.
 * @no-preload
 */
#include "child.h"
#include "dump.h"

static char dir[256];

static void expect(const char *first, const char *second, const char *line)
{
	static struct child child;

	child_run(&child, "run", NULL, first, second, NULL);
	child_expect_exit(&child, 0);
	EXPECT(strcmp(child.err, line) == 0, "stderr has '%s', expected '%s'", child.err, line);
}

int main(int argc, char **argv)
{
	char profile[512], path[512], file[512], line[600];

	(void)argv;
	if (argc > 1)
		return malloc(1 << 20) == NULL;
	expect("TIDEPOOL_PROFILE=/nonexistent/heap", "TIDEPOOL_PROFILE_EVERY=1",
	    "tidepool: TIDEPOOL_PROFILE: cannot write /nonexistent/heap: No such file or directory\n");
	expect("TIDEPOOL_PROFILE=/dev/null", "TIDEPOOL_MODE=count",
	    "tidepool: TIDEPOOL_PROFILE: no profile in mode count\n");

	child_make_directory(dir);
	snprintf(path, sizeof path, "%s/pipe", dir);
	snprintf(profile, sizeof profile, "TIDEPOOL_PROFILE=%s/pipe", dir);
	snprintf(line, sizeof line, "tidepool: TIDEPOOL_PROFILE: cannot write %s: No such device or address\n", path);
	EXPECT(mkfifo(path, 0600) == 0, "cannot make %s", path);
	expect(profile, "TIDEPOOL_PROFILE_EVERY=1", line);
	unlink(path);

	/* A file of that name which is no library stands before the one that is. */
	snprintf(file, sizeof file, "%s/libunwind-x86_64.so.8", dir);
	close(open(file, O_CREAT | O_WRONLY, 0666));
	snprintf(path, sizeof path, "LD_LIBRARY_PATH=%s", dir);
	snprintf(profile, sizeof profile, "TIDEPOOL_PROFILE=%s/heap", dir);
	expect(profile, path,
	    "tidepool: TIDEPOOL_PROFILE: no usable libunwind-x86_64.so.8; stacks are taken by frame pointers\n");
	snprintf(file, sizeof file, "%s/heap.sites.json", dir);
	dump_read(file);
	EXPECT(strncmp(dump_section("unwind"), "\"fp\"", 4) == 0, "the stacks were taken by %.10s",
	    dump_section("unwind"));
	return 0;
}

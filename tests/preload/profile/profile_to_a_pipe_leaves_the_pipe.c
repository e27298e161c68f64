/*
 * A pipe that TIDEPOOL_PROFILE names gets the profile and stays a pipe: no file takes its place, and
 * none is made beside it.
 * @no-preload
 */
#include "child.h"
#include "dump.h"

int main(int argc, char **argv)
{
	static struct child child;
	static char text[1 << 20];
	char dir[256], path[512], setting[600];
	struct stat now;

	(void)argv;
	if (argc > 1)
		return malloc(5000) == NULL;
	child_make_directory(dir);
	snprintf(path, sizeof path, "%s/pipe", dir);
	EXPECT(mkfifo(path, 0600) == 0, "cannot make %s", path);
	int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	EXPECT(reader >= 0 && fcntl(reader, F_SETPIPE_SZ, sizeof text) > 0, "cannot open %s", path);
	snprintf(setting, sizeof setting, "TIDEPOOL_PROFILE=%s", path);
	child_run(&child, "run", NULL, setting, "TIDEPOOL_PROFILE_EVERY=1", NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	EXPECT(lstat(path, &now) == 0 && S_ISFIFO(now.st_mode), "%s is a pipe no more", path);
	EXPECT(dump_count(dir, setting) == 1, "there are %d files, not the pipe alone", dump_count(dir, setting));
	EXPECT(read(reader, text, sizeof text - 1) > 0 && !strncmp(text, "heap profile: ", 14), "the pipe got: %.100s",
	    text);
	return 0;
}

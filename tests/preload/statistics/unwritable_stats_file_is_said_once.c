/*
 * A file of statistics that cannot be written is said at the first dump and not at each; once more
 * where it could be written in between.
 * @no-preload
 */
#include <signal.h>

#include "child.h"

static int live(const char *dir)
{
	for (int i = 0; i < 3; i++)
		raise(SIGUSR1);
	EXPECT(mkdir(dir, 0700) == 0, "cannot make %s", dir);
	raise(SIGUSR1);
	char path[512];
	snprintf(path, sizeof path, "%s/stats", dir);
	EXPECT(unlink(path) == 0 && rmdir(dir) == 0, "no statistics in %s", dir);
	for (int i = 0; i < 3; i++)
		raise(SIGUSR1);
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;
	char parent[256], dir[300], setting[512], line[512], expected[1200];

	if (argc > 1)
		return live(argv[1]);
	child_make_directory(parent);
	snprintf(dir, sizeof dir, "%s/comes", parent);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/stats", dir);
	child_run(&child, dir, NULL, "TIDEPOOL_STATS=json", "TIDEPOOL_STATS_SIGNAL=USR1", setting, NULL);
	child_expect_exit(&child, 0);
	snprintf(line, sizeof line, "tidepool: TIDEPOOL_STATS_FILE: cannot write %s/stats: No such file or directory\n",
	    dir);
	snprintf(expected, sizeof expected, "%s%s", line, line);
	EXPECT(!strcmp(child.err, expected), "stderr has %s", child.err);
	return 0;
}

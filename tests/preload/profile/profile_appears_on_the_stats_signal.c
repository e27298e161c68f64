/*
 * The signal of TIDEPOOL_STATS_SIGNAL writes the profile as it is then, also without statistics, and
 * the program's own handler runs; the sites in the sidecar say who served.
 * @no-preload
 * @cc -lm
 */
#include <signal.h>

#include "child.h"
#include "dump.h"
#include "heap.h"

static volatile int handled;

static void handle(int number)
{
	handled = number;
}

static void run(const char *path)
{
	signal(SIGUSR2, handle);
	for (int i = 0; i < 1000; i++)
		free(malloc(777));
	raise(SIGUSR2);
	EXPECT(handled == SIGUSR2, "the handler did not run");
	EXPECT(access(path, R_OK) == 0, "there is no profile yet");
	EXPECT(unlink(path) == 0, "cannot remove %s", path);
	raise(SIGUSR2);
	_exit(access(path, R_OK) != 0);
}

int main(int argc, char **argv)
{
	static struct child child;
	char dir[256], setting[512], path[600];

	(void)argv;
	if (argc > 1) {
		run(getenv("TIDEPOOL_PROFILE"));
		return 1;
	}
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_PROFILE=%s/heap", dir);
	child_run(&child, "run", NULL, "TIDEPOOL_STATS_SIGNAL=USR2", "TIDEPOOL_PROFILE_EVERY=1", setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	snprintf(path, sizeof path, "%s/heap.sites.json", dir);
	dump_read(path);
	const char *site = strstr(dump_text, "\"allocated\":[1000,777000]");
	EXPECT(site, "no site of a thousand objects in %.2000s", dump_text);
	EXPECT(strstr(site, "\"slab\":[1000,777000]"), "pools that held nothing served: %.300s", site);
	return 0;
}

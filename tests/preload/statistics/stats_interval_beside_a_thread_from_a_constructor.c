/*
 * A library of the program starts a thread before our constructor has run, and then the program sleeps. The lines of
 * statistics at intervals appear all the same, also in the modes in which no generation turns.
 * @no-preload
 * @cc -Wl,--no-as-needed -l:thread_in_constructor.so
 */
#include "child.h"

#define LINES 3
#define POLLS 600 /* of 50 ms */

int thread_in_constructor_started(void);

static int lines_of(const char *name)
{
	char text[65536];
	int fd = open(name, O_RDONLY | O_CLOEXEC), lines = 0;
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text);

	for (ssize_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	if (fd >= 0)
		close(fd);
	return lines;
}

/* The child: allocates nothing more, and leaves when the lines are there. */
static int wait_for_lines(const char *name)
{
	EXPECT(thread_in_constructor_started(), "the library has started no thread");
	for (int poll = 0; poll < POLLS; poll++) {
		if (lines_of(name) >= LINES)
			return 0;
		usleep(50000);
	}
	EXPECT(0, "%d lines of statistics in 30 s", lines_of(name));
	return 1;
}

static void expect_lines(const char *setting)
{
	static struct child child;
	char name[256], file[300];
	const char *folder = getenv("TMPDIR");

	snprintf(name, sizeof name, "%s/lines.json", folder ? folder : "/tmp");
	snprintf(file, sizeof file, "TIDEPOOL_STATS_FILE=%s", name);
	unlink(name);
	child_run(&child, name, NULL, setting, file, "TIDEPOOL_STATS_INTERVAL=20ms", NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "%s: stderr has %s", setting, child.err);
	unlink(name);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return wait_for_lines(argv[1]);
	expect_lines("TIDEPOOL_MODE=count");
	expect_lines("TIDEPOOL_TICK=0");
	expect_lines("TIDEPOOL_TICK=20ms");
	return 0;
}

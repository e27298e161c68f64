/*
 * A program that closes standard error and then opens a file gets it at that number: what the library
 * has to say at the end, of statistics and of a profile that it cannot write, does not land there.
 * @no-preload
 */
#include "child.h"

static int write_data(const char *path)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		close(fd);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (open(path, O_WRONLY | O_CREAT | O_APPEND, 0600) != fd)
			return 1;
	return write(STDERR_FILENO, "DATA", 4) != 4;
}

int main(int argc, char **argv)
{
	static const char *const settings[][2] = {
		{ "TIDEPOOL_STATS=text", "TIDEPOOL_STATS_FILE=/nonexistent/stats" },
		{ "TIDEPOOL_STATS=text", "TIDEPOOL_STATS_FILE=" },
		{ "TIDEPOOL_PROFILE=/nonexistent/heap", "TIDEPOOL_PROFILE_EVERY=1" },
	};
	static struct child child;
	char dir[256], path[512], text[256];

	(void)argv;
	if (argc > 1)
		return write_data(argv[1]);
	child_make_directory(dir);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		snprintf(path, sizeof path, "%s/data%zu", dir, i);
		child_run(&child, path, NULL, settings[i][0], settings[i][1], NULL);
		child_expect_exit(&child, 0);
		child_read(open(path, O_RDONLY), text, sizeof text);
		EXPECT(!strcmp(text, "DATA"), "with %s the program's file has: %s", settings[i][1], text);
	}
	return 0;
}

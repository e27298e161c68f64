/*
 * A reader of a file that %p names finds whole dumps whenever it looks, and in the end all of them: one
 * for each signal and one for the end. No other file is left beside it.
 * @no-preload
 */
#include <dirent.h>
#include <signal.h>
#include <time.h>

#include "child.h"
#include "dump.h"

#define SIGNALS 60

static int live(void)
{
	void *objects[200];

	for (int i = 0; i < 200; i++)
		objects[i] = malloc((size_t)i * 300 + 1); /* a dump of many classes */
	for (int i = 0; i < SIGNALS; i++) {
		raise(SIGUSR1);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	for (int i = 0; i < 200; i++)
		free(objects[i]);
	return 0;
}

static char text[4 << 20];

/* Read the file, if it is there, and return its lines, all of which must be whole. */
static int whole_lines(const char *path)
{
	FILE *file = fopen(path, "r");
	int lines = 0;

	if (!file)
		return 0;
	size_t length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[length] = '\0';
	EXPECT(length > 0, "the file is empty");
	for (char *line = text; *line; lines++) {
		char *end = strchr(line, '\n');

		EXPECT(end, "the file ends in half a dump: %.80s", line);
		EXPECT(end > line && end[-1] == '}' && !strncmp(line, "{\"schema\":2", 11), "not a dump: %.80s", line);
		line = end + 1;
	}
	return lines;
}

int main(int argc, char **argv)
{
	char dir[256], path[512], setting[512], name[512];

	(void)argv;
	if (argc > 1)
		return live();
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "%.200s/%%p.json", dir);
	pid_t pid = fork();
	EXPECT(pid >= 0, "cannot fork");
	if (pid == 0) {
		setenv("LD_PRELOAD", child_library(), 1);
		unsetenv("TIDEPOOL_LIB");
		setenv("TIDEPOOL_STATS", "json", 1);
		setenv("TIDEPOOL_STATS_FILE", setting, 1);
		setenv("TIDEPOOL_STATS_SIGNAL", "USR1", 1);
		execl("/proc/self/exe", "test", "live", (char *)NULL);
		_exit(127);
	}
	snprintf(path, sizeof path, "%.200s/%d.json", dir, (int)pid);
	int status, seen = 0;
	while (waitpid(pid, &status, WNOHANG) == 0) {
		int lines = whole_lines(path);

		EXPECT(lines >= seen, "of %d dumps %d are left", seen, lines);
		seen = lines;
	}
	EXPECT(status == 0, "the child ended with wait status %#x", status);
	EXPECT(whole_lines(path) == SIGNALS + 1, "%d dumps, not %d", whole_lines(path), SIGNALS + 1);
	EXPECT(dump_count(dir, name) == 1, "a file is left: %s", name);
	return 0;
}

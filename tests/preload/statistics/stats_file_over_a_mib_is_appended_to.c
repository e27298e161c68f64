/*
 * What comes to a file of a process's own is written to a new one in its place, with what it held; one
 * that holds more than 1 MiB stays and is appended to.
 * @no-preload
 */
#include <signal.h>

#include "child.h"

#define LIMIT (1 << 20)

static char path[512];

static struct stat now_of(const char *name)
{
	struct stat now;

	EXPECT(stat(name, &now) == 0, "there is no %s", name);
	return now;
}

/* Make the file this long; its holes read as zeroes. It stays open, so that no other has its number. */
static int make(off_t bytes)
{
	unlink(path);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	EXPECT(fd >= 0 && ftruncate(fd, bytes) == 0, "cannot make %s", path);
	return fd;
}

static void expect_dump(off_t bytes, int appended)
{
	char text[16] = "";
	int fd = make(bytes);
	ino_t before = now_of(path).st_ino;

	raise(SIGUSR1);
	struct stat now = now_of(path);
	EXPECT((now.st_ino == before) == appended, "the file of %ld bytes is %s", (long)bytes,
	    now.st_ino == before ? "the old one" : "a new one");
	EXPECT(now.st_size > bytes, "the file of %ld bytes has %ld", (long)bytes, (long)now.st_size);
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(pread(fd, text, 11, bytes) == 11 && !strcmp(text, "{\"schema\":2"), "behind %ld bytes comes %s",
	    (long)bytes, text);
	close(fd);
}

static int live(const char *dir)
{
	snprintf(path, sizeof path, "%s/%d", dir, (int)getpid());
	expect_dump(0, 0);
	expect_dump(LIMIT, 0);
	expect_dump(LIMIT + 1, 1);
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;
	char dir[256], setting[512];

	if (argc > 1)
		return live(argv[1]);
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	child_run(&child, dir, NULL, "TIDEPOOL_STATS=json", "TIDEPOOL_STATS_SIGNAL=USR1", setting, NULL);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	return 0;
}

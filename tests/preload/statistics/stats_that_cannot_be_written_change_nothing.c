/*
 * A full disk, a limit on the size of files, a folder that is missing or closed, a pipe that nobody
 * reads: one line says so, the program ends as it would have, what the file held is whole, and no other
 * file is left.
 * @no-preload
 */
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "child.h"
#include "dump.h"

#define LIMIT 2000 /* less than a dump */

static char dir[256], setting[600];
static struct child child;

static int live(void)
{
	for (size_t size = 1; size < 60000; size += 500)
		free(malloc(size));
	return 7;
}

static void limit_files(void)
{
	EXPECT(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ LIMIT, LIMIT }) == 0, "no limit");
}

/* Run a program that writes to this file, which it cannot, and count the lines it says. */
static void expect_one_line(const char *file, void (*before_exec)(void), const char *reason)
{
	int lines = 0;

	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s", file);
	child_run(&child, "live", before_exec, "TIDEPOOL_STATS=json", setting, NULL);
	child_expect_exit(&child, 7);
	for (const char *c = child.err; *c; c++)
		lines += *c == '\n';
	EXPECT(lines == 1 && strstr(child.err, "tidepool: TIDEPOOL_STATS_FILE: cannot write "), "%s: said: %s", file,
	    child.err);
	EXPECT(strstr(child.err, reason), "%s: the reason is not '%s': %s", file, reason, child.err);
}

/* The files in a folder, each of which must be what was put there before. */
static void expect_only(const char *folder, int count)
{
	char path[512] = "";

	EXPECT(dump_count(folder, path) == count, "%s holds %d files, not %d: %s", folder, dump_count(folder, path),
	    count, path);
}

static void put(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	EXPECT(file && fputs(content, file) >= 0 && fclose(file) == 0, "cannot write %s", path);
}

static long long size_of(const char *path)
{
	struct stat now;

	return stat(path, &now) == 0 ? (long long)now.st_size : -1;
}

static void fill(const char *path, size_t bytes)
{
	static char block[4096];
	FILE *file = fopen(path, "w");

	memset(block, 'x', sizeof block);
	for (; bytes > 0; bytes -= sizeof block)
		EXPECT(fwrite(block, sizeof block, 1, file) == 1, "cannot fill %s", path);
	fclose(file);
}

int main(int argc, char **argv)
{
	char path[512], pattern[600];

	(void)argv;
	if (argc > 1)
		return live();
	child_make_directory(dir);
	expect_one_line("/dev/full", NULL, "No space left");
	expect_one_line("/missing/%p.json", NULL, "No such file");
	snprintf(path, sizeof path, "%s/pipe", dir);
	EXPECT(mkfifo(path, 0600) == 0, "cannot make %s", path);
	expect_one_line(path, NULL, "No such device or address");
	unlink(path);

	/* What does not fit is taken back: the next dump does not begin in the middle of a line. */
	snprintf(path, sizeof path, "%s/shared.json", dir);
	expect_one_line(path, limit_files, "File too large");
	EXPECT(size_of(path) <= 0, "%lld bytes of a dump are left", size_of(path));
	put(path, "{\"before\":1}\n");
	expect_one_line(path, limit_files, "File too large");
	EXPECT(size_of(path) == 13, "the file has %lld bytes, not the 13 it had", size_of(path));
	unlink(path);
	snprintf(pattern, sizeof pattern, "%s/%%p.json", dir);
	expect_one_line(pattern, limit_files, "File too large");
	/* The file is made before it turns out that nothing fits. */
	EXPECT(dump_count(dir, path) <= 1 && (dump_count(dir, path) == 0 || size_of(path) == 0), "%s is left", path);
	dump_remove_all(dir);

	/* In a name space of its own: the mount goes with the test. */
	if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("none", dir, "tmpfs", 0, "size=16k") == 0) {
		snprintf(path, sizeof path, "%s/full", dir);
		fill(path, 12288);
		snprintf(pattern, sizeof pattern, "%s/shared.json", dir);
		expect_one_line(pattern, NULL, "No space left");
		EXPECT(size_of(pattern) <= 0, "%lld bytes of a dump are left", size_of(pattern));
		unlink(pattern);
		snprintf(pattern, sizeof pattern, "%s/%%p.json", dir);
		expect_one_line(pattern, NULL, "No space left");
		unlink(path);
		EXPECT(dump_count(dir, path) <= 1 && (dump_count(dir, path) == 0 || size_of(path) == 0), "%s is left",
		    path);
		EXPECT(umount(dir) == 0, "cannot unmount %s", dir);
	}
	expect_only(dir, 0);
	return 0;
}

/*
 * Watching: a test runs its own program again under the preload, with statistics on SIGUSR1, and
 * that program reads its own figures while it runs.
 * To read them allocates nothing and takes no slow path. For one watching thread at a time.
 */
#ifndef TEST_WATCH_H
#define TEST_WATCH_H

#include <signal.h>
#include <time.h>

#include "child.h"
#include "dump.h"

#define WATCH_SECONDS 60 /* for what should take a few ticks */

static const char *watch_directory;

/* Run body in a preloaded copy of this program. Returns what main should. */
static inline int watch_run(int argc, char **argv, int (*body)(void))
{
	static struct child child;
	static char setting[512];
	char dir[256];

	if (argc > 1) {
		watch_directory = argv[1];
		return body();
	}
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	child_run(&child, dir, NULL, "TIDEPOOL_STATS=json", "TIDEPOOL_STATS_SIGNAL=USR1", setting, NULL);
	if (WIFEXITED(child.status) && WEXITSTATUS(child.status) == EXPECT_SKIPPED)
		SKIP("%s", child.err);
	child_expect_exit(&child, 0);
	EXPECT(!*child.err, "stderr has %s", child.err);
	return 0;
}

/* Dump the figures of this process and read them. */
static inline void watch_read(void)
{
	char path[512];
	ssize_t length = 0;
	int fd;

	snprintf(path, sizeof path, "%s/%d", watch_directory, (int)getpid());
	unlink(path);
	raise(SIGUSR1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(fd >= 0, "no dump in %s after the signal", path);
	length = read(fd, dump_text, sizeof dump_text - 1);
	EXPECT(length > 0, "the dump in %s is empty", path);
	dump_text[length] = '\0';
	close(fd);
}

/* Numbers of the last dump: of the whole, of the turns, of the class of a size (0 where it has no row). */
static inline long long watch_total(const char *name)
{
	return dump_number(dump_section("totals"), name);
}

static inline long long watch_turn(const char *name)
{
	return dump_number(dump_section("turn"), name);
}

static inline long long watch_class(long long size, const char *name)
{
	const char *row = dump_class(size);
	return row ? dump_number(row, name) : 0;
}

static inline double watch_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Resident bytes of this process. */
static inline long long watch_resident(void)
{
	char text[256];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	char *end = text;

	EXPECT(length > 0, "cannot read /proc/self/statm");
	text[length] = '\0';
	close(fd);
	strtoll(text, &end, 10);
	return strtoll(end, NULL, 10) * sysconf(_SC_PAGESIZE);
}

/* Wait, while the timer's thread or nobody turns, until the pools hold nothing: two ticks. */
static inline void watch_two_ticks(void)
{
	double end = watch_seconds() + WATCH_SECONDS;

	watch_read();
	long long turns = watch_turn("turns");
	for (;;) {
		watch_read();
		if (watch_total("held_objects") == 0)
			return;
		/* One may have been under way, one makes victims of the last puts, one drains them. */
		if (watch_turn("turns") >= turns + 3) {
			watch_read();
			EXPECT(watch_total("held_objects") == 0, "after two ticks the pools hold %lld objects",
			    watch_total("held_objects"));
			return;
		}
		EXPECT(watch_seconds() < end, "after %d s and %lld turns the pools hold %lld objects", WATCH_SECONDS,
		    watch_turn("turns") - turns, watch_total("held_objects"));
		usleep(2000);
	}
}

/* Wait until no more than this is resident. */
static inline void watch_until_resident(long long bytes)
{
	double end = watch_seconds() + WATCH_SECONDS;

	while (watch_resident() > bytes) {
		EXPECT(watch_seconds() < end, "after %d s %lld bytes are resident, more than %lld", WATCH_SECONDS,
		    watch_resident(), bytes);
		usleep(2000);
	}
}

#endif

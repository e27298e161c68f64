/*
 * With TIDEPOOL_HISTOGRAM=1 the dump has each request under its exact size, or under its power of
 * two over 64 KiB, by whatever form it came, in count mode and in pool mode; a forked child counts
 * from zero.
 * @no-preload
 * @variants rseq lock norseq
 */
#include <pthread.h>

#include "child.h"
#include "dump.h"

static const struct {
	int bytes, count;
} wanted[] = { { 333, 5000 }, { 777, 4 * 2000 }, { 778, 11 }, { 12345, 600 }, { 65535, 70 }, { 65536, 3 } };

static void *many(void *unused)
{
	for (int i = 0; i < 2000; i++)
		free(malloc(777));
	return unused;
}

static int request(void)
{
	pthread_t threads[4];
	void *held[5000];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, many, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 5000; i++)
		held[i] = malloc(333);
	for (int i = 0; i < 5000; i++)
		free(held[i]);
	for (int i = 0; i < 11; i++)
		free(calloc(1, 778));
	for (int i = 0; i < 600; i++) {
		free(realloc(NULL, 12345));
		free(realloc(malloc(40), 23456)); /* counted where it moves, as in the totals */
	}
	for (int i = 0; i < 70; i++)
		free(aligned_alloc(64, 65535));
	for (int i = 0; i < 3; i++)
		free(malloc(65536));
	free(malloc(65537));
	free(malloc(131072));
	free(malloc(131073));
	return 0;
}

static int fork_and_request(void)
{
	request();
	pid_t pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 17; i++)
			free(malloc(778));
		exit(0);
	}
	/* The parent's dump is not the one that is looked at. */
	waitpid(pid, NULL, 0);
	unsetenv("TIDEPOOL_STATS");
	execl("/bin/true", "true", (char *)NULL);
	return 1;
}

static void expect_sizes(const char *mode)
{
	const char *sizes = dump_section("sizes");
	long long sum = 0;

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		EXPECT(dump_pair(sizes, wanted[i].bytes) == wanted[i].count,
		    "%s: %d bytes were asked for %lld times, not %d", mode, wanted[i].bytes,
		    dump_pair(sizes, wanted[i].bytes), wanted[i].count);
	EXPECT(dump_pair(sizes, 131072) == 2 && dump_pair(sizes, 262144) == 1, "%s: over 64 KiB are %lld and %lld",
	    mode, dump_pair(sizes, 131072), dump_pair(sizes, 262144));
	for (const char *at = sizes; at && at < strstr(sizes, "]]"); at = strstr(at + 2, ",["))
		sum += strtoll(strchr(at + 2, ',') + 1, NULL, 10);
	EXPECT(sum == dump_number(dump_section("totals"), "gets") + dump_number(dump_section("large"), "gets"),
	    "%s: the sizes sum up to %lld, the gets to %lld", mode, sum, dump_number(dump_section("totals"), "gets"));
}

int main(int argc, char **argv)
{
	static const char *const modes[] = { "TIDEPOOL_MODE=count", "TIDEPOOL_MODE=pool" };
	static struct child child;
	static char setting[512];
	char dir[256];

	if (argc > 1)
		return strcmp(argv[1], "fork") == 0 ? fork_and_request() : request();
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	for (int i = 0; i < 2; i++) {
		child_run(
		    &child, "request", NULL, modes[i], "TIDEPOOL_HISTOGRAM=1", "TIDEPOOL_STATS=json", setting, NULL);
		child_expect_exit(&child, 0);
		dump_read_only(dir);
		expect_sizes(modes[i]);
		dump_remove_all(dir);

		child_run(&child, "fork", NULL, modes[i], "TIDEPOOL_HISTOGRAM=1", "TIDEPOOL_STATS=json", setting, NULL);
		child_expect_exit(&child, 0);
		dump_read_only(dir);
		EXPECT(dump_pair(dump_section("sizes"), 778) == 17, "%s: a forked child's 17 requests count as %lld",
		    modes[i], dump_pair(dump_section("sizes"), 778));
		EXPECT(dump_pair(dump_section("sizes"), 333) == 0, "%s: a forked child counts its parent's requests",
		    modes[i]);
		dump_remove_all(dir);
	}
	return 0;
}

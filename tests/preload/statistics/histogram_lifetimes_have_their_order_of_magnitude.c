/*
 * With TIDEPOOL_HISTOGRAM=1 about one object in 64 is a sample of its class, whatever its size;
 * objects that live across a sleep are counted with it, those that are freed at once with less, and
 * those that are kept are not freed. The number live at once is that of those held.
 * @no-preload
 * @variants rseq lock norseq
 */
#include "child.h"
#include "dump.h"

#define COUNT 12800 /* 200 samples: 14 off is one standard deviation */
#define SHORT 3000
#define LONG 990
#define KEPT 5000
#define SLEEP_NS 50000000
#define SLEEP_LOG2 25 /* of SLEEP_NS */

static void *held[COUNT];
static void *kept[COUNT];

static int live(void)
{
	for (int i = 0; i < COUNT; i++)
		free(malloc(SHORT));
	for (int i = 0; i < COUNT; i++)
		held[i] = malloc(LONG);
	usleep(SLEEP_NS / 1000);
	for (int i = 0; i < COUNT; i++) {
		held[i] = realloc(held[i], LONG + 1); /* in place: still the same object */
		free(held[i]);
	}
	for (int i = 0; i < COUNT; i++)
		kept[i] = malloc(KEPT);
	return 0;
}

/* Samples of the row that were freed after less than 2^log2 nanoseconds. */
static long long freed_before(const char *row, int log2)
{
	const char *spans = dump_find(row, "log2_ns");
	long long count = 0;

	for (int i = 0; i < log2; i++)
		count += dump_pair(spans, i);
	return count;
}

static const char *row_of(const char *mode, int class_bytes, long long *sampled)
{
	char opening[32];
	snprintf(opening, sizeof opening, "{\"size\":%d,", class_bytes);
	const char *row = strstr(dump_section("per_size"), opening);
	EXPECT(row, "%s: no lifetimes of %d bytes", mode, class_bytes);
	*sampled = dump_number(row, "sampled");
	EXPECT(*sampled > 130 && *sampled < 270, "%s: %lld samples of %d objects of %d bytes", mode, *sampled, COUNT,
	    class_bytes);
	EXPECT(dump_number(row, "lost") == 0, "%s: samples were lost", mode);
	return row;
}

static void expect_lifetimes(const char *mode)
{
	long long sampled;

	const char *row = row_of(mode, 3200, &sampled);
	EXPECT(dump_number(row, "freed") >= sampled - 2, "%s: %lld of %lld were freed", mode, dump_number(row, "freed"),
	    sampled);
	EXPECT(freed_before(row, 22) > sampled / 2, "%s: only %lld of %lld lived less than 4 ms", mode,
	    freed_before(row, 22), sampled);
	EXPECT(dump_number(row, "live_peak") < 5, "%s: %lld were live at once", mode, dump_number(row, "live_peak"));

	row = row_of(mode, 1024, &sampled);
	EXPECT(dump_number(row, "freed") >= sampled - 2, "%s: %lld of %lld were freed", mode, dump_number(row, "freed"),
	    sampled);
	EXPECT(freed_before(row, SLEEP_LOG2) < 5, "%s: %lld of %lld lived for less than the sleep", mode,
	    freed_before(row, SLEEP_LOG2), sampled);
	EXPECT(dump_number(row, "total_ns") > (sampled - 5) * SLEEP_NS, "%s: together they lived %lld ns", mode,
	    dump_number(row, "total_ns"));
	EXPECT(dump_number(row, "live_peak") > sampled - 5, "%s: %lld of %lld were live at once", mode,
	    dump_number(row, "live_peak"), sampled);

	row = row_of(mode, 5120, &sampled);
	EXPECT(dump_number(row, "freed") < 3, "%s: %lld of those kept were freed", mode, dump_number(row, "freed"));
}

int main(int argc, char **argv)
{
	static const char *const modes[] = { "TIDEPOOL_MODE=count", "TIDEPOOL_MODE=pool" };
	static struct child child;
	static char setting[512];
	char dir[256];

	(void)argv;
	if (argc > 1)
		return live();
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	for (int i = 0; i < 2; i++) {
		child_run(&child, "live", NULL, modes[i], "TIDEPOOL_HISTOGRAM=1", "TIDEPOOL_STATS=json", setting, NULL);
		child_expect_exit(&child, 0);
		dump_read_only(dir);
		expect_lifetimes(modes[i]);
		dump_remove_all(dir);
	}
	return 0;
}

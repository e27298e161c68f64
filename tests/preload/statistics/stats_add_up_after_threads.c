/*
 * After threads have allocated and freed known numbers of objects of two sizes that nobody else
 * asks for, the dump has exactly these numbers, and every row and the totals add up.
 * @no-preload
 * @variants rseq lock delay norseq
 */
#include <pthread.h>
#include <stdint.h>

#include "child.h"
#include "dump.h"

#define THREADS 6
#define ROUNDS 300
#define AT_ONCE 150
#define KEPT 37

static const size_t sizes[] = { 7000, 50000 };
static void *kept[KEPT];

static void *allocate(void *argument)
{
	void *objects[AT_ONCE];
	size_t size = sizes[(uintptr_t)argument % 2];

	for (int i = 0; i < ROUNDS; i++) {
		for (int j = 0; j < AT_ONCE; j++)
			objects[j] = j % 3 ? malloc(size) : calloc(1, size);
		for (int j = 0; j < AT_ONCE; j++)
			free(objects[j]);
	}
	return NULL;
}

static int allocate_known_numbers(void)
{
	pthread_t threads[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, allocate, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < KEPT; i++)
		kept[i] = malloc(7000);
	return 0;
}

static long long sum_of_hits(const char *row)
{
	const char *hits = dump_find(row, "hits");
	EXPECT(hits, "no hits in %.200s", row);
	return dump_number(hits, "local") + dump_number(hits, "overflow") + dump_number(hits, "stolen") +
	       dump_number(hits, "victim");
}

static void expect_known(size_t size, long long gets, long long puts)
{
	const char *row = dump_class((long long)size);
	EXPECT(row, "no class serves %zu bytes", size);
	EXPECT(dump_number(row, "gets") == gets, "%zu bytes: %lld gets, in truth %lld", size, dump_number(row, "gets"),
	    gets);
	EXPECT(dump_number(row, "puts") == puts, "%zu bytes: %lld puts, in truth %lld", size, dump_number(row, "puts"),
	    puts);
}

int main(int argc, char **argv)
{
	static const char *const summed[] = { "gets", "puts", "spilled", "unpooled", "from_slab", "held_objects",
		"held_bytes", "backend_calls", "backend_bytes", "local", "overflow", "stolen", "victim" };
	enum { SUMMED = sizeof summed / sizeof *summed };
	long long sums[SUMMED] = { 0 };
	static struct child child;
	static char setting[512];
	char dir[256];

	(void)argv;
	if (argc > 1)
		return allocate_known_numbers();
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	child_run(&child, "run", NULL, "TIDEPOOL_STATS=json", setting, NULL);
	child_expect_exit(&child, 0);
	dump_read_only(dir);

	const long long each = THREADS / 2 * ROUNDS * AT_ONCE;
	expect_known(7000, each + KEPT, each);
	expect_known(50000, each, each);

	for (const char *row = dump_section("classes"); (row = dump_next_class(row));) {
		long long size = strtoll(row, NULL, 10), gets = dump_number(row, "gets");
		long long unpooled = dump_number(row, "unpooled"), from_slab = dump_number(row, "from_slab");
		EXPECT(gets == sum_of_hits(row) + from_slab + unpooled,
		    "class %lld: %lld gets are not %lld hits + %lld from_slab + %lld unpooled", size, gets,
		    sum_of_hits(row), from_slab, unpooled);
		EXPECT(dump_number(row, "held_bytes") == size * dump_number(row, "held_objects"),
		    "class %lld: held_bytes is not size * held_objects", size);
		EXPECT(dump_number(row, "held_objects") >= 0, "class %lld holds less than nothing", size);
		EXPECT(dump_number(row, "puts") <= gets, "class %lld: more puts than gets", size);
		for (int i = 0; i < SUMMED; i++)
			sums[i] += dump_number(row, summed[i]);
	}
	const char *totals = dump_section("totals");
	for (int i = 0; i < SUMMED; i++)
		EXPECT(dump_number(totals, summed[i]) == sums[i], "totals.%s is %lld, the classes' sum %lld", summed[i],
		    dump_number(totals, summed[i]), sums[i]);
	return 0;
}

/*
 * With TIDEPOOL_MODE=count the dump has exactly the requests that were made: two runs that differ
 * by a known number of requests differ by it in the totals, and nothing is pooled.
 * @no-preload
 */
#include "child.h"
#include "dump.h"

static int request(long count)
{
	for (long i = 0; i < count; i++) {
		free(malloc(i % 3 * 1000 + 10));
		free(calloc(1, 20000));
		free(realloc(malloc(10), 5000)); /* a get more where realloc moves */
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct child child;
	static char setting[512];
	char dir[256];
	long long gets[3], puts[3];
	static const char *const counts[] = { "0", "1000", "2000" };

	if (argc > 1)
		return request(atol(argv[1]));
	child_make_directory(dir);
	snprintf(setting, sizeof setting, "TIDEPOOL_STATS_FILE=%s/%%p", dir);
	for (int i = 0; i < 3; i++) {
		child_run(&child, counts[i], NULL, "TIDEPOOL_MODE=count", "TIDEPOOL_STATS=json", setting, NULL);
		child_expect_exit(&child, 0);
		dump_read_only(dir);
		gets[i] = dump_number(dump_section("totals"), "gets");
		puts[i] = dump_number(dump_section("totals"), "puts");
		EXPECT(!strncmp(dump_section("mode"), "\"count\"", 7), "the mode is %.10s", dump_section("mode"));
		EXPECT(dump_number(dump_section("totals"), "held_objects") == 0, "something is pooled");
		dump_remove_all(dir);
	}
	long long made = gets[1] - gets[0], freed = puts[1] - puts[0];
	EXPECT(made == 3000 || made == 4000, "3,000 requests and 1,000 reallocs count as %lld gets", made);
	EXPECT(
	    gets[2] - gets[1] == made, "the same requests count as %lld gets, then as %lld", made, gets[2] - gets[1]);
	EXPECT(freed == made, "%lld gets but %lld puts", made, freed);
	return 0;
}

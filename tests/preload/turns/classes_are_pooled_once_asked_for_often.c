/*
 * A size is pooled from its sixteenth request in a short time on, and not before, whatever is freed;
 * sizes that are asked for less hold nothing beside it. The dump says what is in force, and since when.
 * @no-preload
 * @env TIDEPOOL_ADMIT=1
 * @env TIDEPOOL_TICK=0
 * @variants rseq lock delay norseq
 */
#include "policy.h"

#define SIZE 7168 /* of a class */
#define COLD 6400 /* of the one beside it */
#define EARLY 16

static int body(void)
{
	for (int i = 0; i < EARLY - 1; i++) {
		free(malloc(SIZE));
		free(malloc(COLD));
	}
	watch_read();
	EXPECT(!policy_admits(SIZE) && policy_is(policy_of(SIZE), "why", "\"start\""), "%.200s", policy_of(SIZE));
	EXPECT(policy_is(policy_of(SIZE), "mode", "\"auto\""), "%.200s", policy_of(SIZE));
	EXPECT(dump_number(policy_of(SIZE), "capacity") == 0, "%.200s", policy_of(SIZE));
	EXPECT(watch_class(SIZE, "held_objects") == 0, "%lld are held", watch_class(SIZE, "held_objects"));
	EXPECT(watch_class(SIZE, "spilled") == EARLY - 1, "%lld were dropped", watch_class(SIZE, "spilled"));
	EXPECT(watch_class(SIZE, "from_slab") == EARLY - 1, "%lld came from slabs", watch_class(SIZE, "from_slab"));
	EXPECT(policy_changes(SIZE, 1) == 0, "it changed: %.300s", dump_section("changes"));

	free(malloc(SIZE));
	watch_read();
	EXPECT(policy_admits(SIZE) && policy_is(policy_of(SIZE), "why", "\"rate\""), "%.200s", policy_of(SIZE));
	EXPECT(dump_number(policy_of(SIZE), "capacity") > 0, "%.200s", policy_of(SIZE));
	EXPECT(watch_class(SIZE, "held_objects") > 0, "nothing is held");
	EXPECT(policy_changes(SIZE, 1) == 1 && policy_changes(SIZE, 0) == 0, "%.300s", dump_section("changes"));
	EXPECT(policy_changes(COLD, 1) == 0 && !policy_admits(COLD), "%.300s", dump_section("changes"));

	for (int i = 0; i < 100; i++)
		free(malloc(SIZE));
	watch_read();
	EXPECT(watch_class(SIZE, "local") >= 90, "%lld of 100 gets from the stack", watch_class(SIZE, "local"));
	EXPECT(watch_class(SIZE, "spilled") == EARLY - 1, "%lld were dropped", watch_class(SIZE, "spilled"));
	EXPECT(watch_class(COLD, "held_objects") == 0, "a cold class holds %lld", watch_class(COLD, "held_objects"));
	EXPECT(dump_number(policy_of(COLD), "capacity") == 0, "%.200s", policy_of(COLD));
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

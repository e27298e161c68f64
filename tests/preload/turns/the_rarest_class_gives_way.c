/*
 * Where a budget is too small for all classes that are asked for, the one asked for least is dismissed
 * at a tick, and those asked for most stay.
 * @no-preload
 * @env TIDEPOOL_TICK=400ms
 * @env TIDEPOOL_TIMER=thread
 * @env TIDEPOOL_ADMIT=20
 * @env TIDEPOOL_MAX=64k
 * @variants rseq lock delay norseq
 */
#include "policy.h"

#define HOT 1024
#define RARE 2048
#define COUNT 200 /* hot ones, three times the budget */

static void use(size_t size, int count)
{
	void *objects[COUNT];

	for (int i = 0; i < count; i++)
		EXPECT((objects[i] = malloc(size)), "no memory");
	for (int i = 0; i < count; i++)
		free(objects[i]);
}

static int body(void)
{
	double end = watch_seconds() + WATCH_SECONDS;

	do {
		for (int i = 0; i < 20; i++) {
			use(RARE, 2);
			use(HOT, COUNT);
		}
		watch_read();
		EXPECT(watch_total("held_bytes") <= 64 << 10, "%lld bytes are held", watch_total("held_bytes"));
		EXPECT(watch_seconds() < end, "after %d s: %.300s", WATCH_SECONDS, policy_of(RARE));
	} while (!policy_is(policy_of(RARE), "why", "\"budget\""));
	EXPECT(policy_changes(RARE, 0) > 0, "%.300s", dump_section("changes"));
	EXPECT(policy_admits(HOT) && policy_changes(HOT, 0) == 0, "%.300s", dump_section("changes"));
	EXPECT(watch_class(HOT, "spilled") > 0, "nothing was dropped");
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

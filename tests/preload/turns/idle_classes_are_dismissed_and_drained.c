/*
 * A class that nobody asks for any more is dismissed at a tick and then drained, while one beside it
 * that is asked for all the time stays and holds; asked for again, it comes back.
 * @no-preload
 * @env TIDEPOOL_TICK=1s
 * @env TIDEPOOL_TIMER=thread
 * @env TIDEPOOL_ADMIT=100
 * @variants rseq lock delay norseq
 */
#include "policy.h"

#define IDLE 3200 /* sizes of classes */
#define HOT 5120
#define COUNT 50

static void use(size_t size)
{
	void *objects[COUNT];

	for (int i = 0; i < COUNT; i++)
		EXPECT((objects[i] = malloc(size)), "no memory");
	for (int i = 0; i < COUNT; i++)
		free(objects[i]);
}

/* Use the hot class until the idle one is dismissed and holds nothing. */
static void wait_for_dismissal(void)
{
	double end = watch_seconds() + WATCH_SECONDS;

	do {
		for (int i = 0; i < 100; i++)
			use(HOT);
		watch_read();
		EXPECT(watch_seconds() < end, "after %d s: %.300s", WATCH_SECONDS, policy_of(IDLE));
	} while (policy_admits(IDLE) || watch_class(IDLE, "held_objects") > 0);
}

static int body(void)
{
	use(IDLE);
	watch_read();
	EXPECT(policy_changes(IDLE, 1) == 1, "it was not admitted: %.300s", dump_section("changes"));
	wait_for_dismissal();
	EXPECT(policy_is(policy_of(IDLE), "why", "\"rate\""), "%.300s", policy_of(IDLE));
	EXPECT(policy_changes(IDLE, 0) == 1, "%.300s", dump_section("changes"));
	EXPECT(dump_number(policy_of(IDLE), "capacity") == 0, "%.300s", policy_of(IDLE));
	EXPECT(watch_class(IDLE, "drained") > 0, "nothing was drained");
	EXPECT(policy_admits(HOT), "the hot class: %.300s", policy_of(HOT));
	EXPECT(policy_changes(HOT, 0) == 0, "the hot class was dismissed: %.300s", dump_section("changes"));
	EXPECT(watch_class(HOT, "held_objects") > 0, "the hot class holds nothing");

	use(IDLE);
	watch_read();
	EXPECT(policy_changes(IDLE, 1) == 2, "it does not come back: %.300s", dump_section("changes"));
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

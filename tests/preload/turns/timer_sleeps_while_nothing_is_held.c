/*
 * While the pools hold nothing the timer's thread does not wake up at all; objects freed afterwards,
 * by no more than a free, still go back.
 * @no-preload
 * @env TIDEPOOL_TICK=20ms
 * @env TIDEPOOL_TIMER=thread
 * @variants rseq lock delay norseq
 */
#include "tasks.h"
#include "watch.h"

#define OBJECTS 30
#define ROUNDS 4

/* Wait until the thread has not moved for ten ticks. */
static void expect_sleep(int tid)
{
	unsigned long long before, after = tasks_status(tid, "voluntary_ctxt_switches", 10);
	double end = watch_seconds() + WATCH_SECONDS;

	do {
		EXPECT(watch_seconds() < end, "with nothing held the thread has woken up %llu times", after);
		before = after;
		usleep(200000);
		after = tasks_status(tid, "voluntary_ctxt_switches", 10);
	} while (after != before);
}

static int body(void)
{
	void *objects[OBJECTS];
	int tid = tasks_wait_for_tidepool();

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < OBJECTS; i++)
			objects[i] = malloc(2000);
		watch_two_ticks();
		expect_sleep(tid);
		long long drained = watch_class(2000, "drained");
		for (int i = 0; i < OBJECTS; i++)
			free(objects[i]);
		watch_two_ticks();
		EXPECT(watch_class(2000, "drained") >= drained + OBJECTS || watch_class(2000, "spilled") > 0,
		    "%lld objects of %d were drained", watch_class(2000, "drained") - drained, OBJECTS);
		expect_sleep(tid);
	}
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

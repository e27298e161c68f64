/*
 * A hundred freed objects are all handed out again after one turn, from the victim generation,
 * and are gone from the pools after two.
 * @no-preload
 * @env TIDEPOOL_ADMIT=0
 * @env TIDEPOOL_TICK=300ms
 * @env TIDEPOOL_TIMER=inline
 * @variants rseq lock delay norseq
 */
#include "places.h"
#include "watch.h"

#define COUNT 100
#define SIZE 3000
#define TICK_US 300000
#define ATTEMPTS 5 /* a machine that stops for a tick makes a turn too many */

static void *objects[COUNT];

/* Wait until a tick is due and let one slow path notice it. Returns the turns so far. */
static long long turn_once(void)
{
	usleep(TICK_US + 20000);
	free(malloc(100000));
	watch_read();
	return watch_turn("turns");
}

static int was_freed(const void *object)
{
	for (int i = 0; i < COUNT; i++)
		if (objects[i] == object)
			return 1;
	return 0;
}

/* Returns false where turns came that the test did not ask for. */
static int put_and_turn(void)
{
	void *again[COUNT];

	for (int i = 0; i < COUNT; i++) {
		objects[i] = malloc(SIZE);
		EXPECT(objects[i], "no memory");
	}
	/* What the misses left over goes first. */
	turn_once();
	turn_once();
	long long turns = turn_once();
	EXPECT(watch_class(SIZE, "held_objects") == 0, "%lld objects are held", watch_class(SIZE, "held_objects"));
	long long drained = watch_class(SIZE, "drained"), from_slab = watch_class(SIZE, "from_slab");
	long long victims = watch_class(SIZE, "victim"), puts = watch_class(SIZE, "puts");

	for (int i = 0; i < COUNT; i++)
		free(objects[i]);
	if (turn_once() != turns + 1)
		return 0;
	EXPECT(watch_class(SIZE, "puts") == puts + COUNT, "%lld puts", watch_class(SIZE, "puts") - puts);
	EXPECT(watch_class(SIZE, "held_objects") == COUNT, "after one turn %lld objects of %d are held",
	    watch_class(SIZE, "held_objects"), COUNT);
	EXPECT(watch_class(SIZE, "drained") == drained, "one turn drained %lld objects",
	    watch_class(SIZE, "drained") - drained);

	for (int i = 0; i < COUNT; i++)
		again[i] = malloc(SIZE);
	watch_read();
	if (watch_turn("turns") != turns + 1)
		return 0;
	for (int i = 0; i < COUNT; i++)
		EXPECT(was_freed(again[i]), "get %d after one turn is %p, which was not freed", i, again[i]);
	EXPECT(watch_class(SIZE, "victim") > victims, "no get was served by the victims");
	EXPECT(watch_class(SIZE, "from_slab") == from_slab, "%lld gets came from slabs",
	    watch_class(SIZE, "from_slab") - from_slab);
	EXPECT(watch_class(SIZE, "held_objects") == 0, "%lld objects are held", watch_class(SIZE, "held_objects"));

	for (int i = 0; i < COUNT; i++)
		free(again[i]);
	if (turn_once() != turns + 2)
		return 0;
	EXPECT(watch_class(SIZE, "held_objects") == COUNT, "one turn later %lld objects of %d are held",
	    watch_class(SIZE, "held_objects"), COUNT);
	if (turn_once() != turns + 3)
		return 0;
	EXPECT(watch_class(SIZE, "held_objects") == 0, "two turns later %lld objects are held",
	    watch_class(SIZE, "held_objects"));
	EXPECT(watch_class(SIZE, "drained") == drained + COUNT, "two turns drained %lld objects of %d",
	    watch_class(SIZE, "drained") - drained, COUNT);
	objects[0] = malloc(SIZE);
	watch_read();
	EXPECT(watch_class(SIZE, "from_slab") == from_slab + 1, "the next get came from %s", dump_class(SIZE));
	free(objects[0]);
	return 1;
}

static int body(void)
{
	places_find();
	places_stay(0, 0);
	for (int i = 0; i < ATTEMPTS; i++)
		if (put_and_turn())
			return 0;
	SKIP("the machine is too slow to count turns");
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

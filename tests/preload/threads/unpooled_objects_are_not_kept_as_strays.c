/*
 * Small objects of classes that are not pooled, freed on another CPU than they were taken on, go
 * to their slabs: no CPU keeps them.
 * @no-preload
 * @env TIDEPOOL_ADMIT=1000000000
 */
#include <pthread.h>

#include "places.h"
#include "stages.h"
#include "watch.h"

#define OBJECTS 500

static void *objects[OBJECTS];

static void *other(void *unused)
{
	places_stay(0, 1);
	stages_enter(1);
	stages_await(2);
	for (int i = 0; i < OBJECTS; i++)
		free(objects[i]);
	stages_enter(3);
	stages_await(4);
	return unused;
}

static int body(void)
{
	pthread_t thread;

	if (places_find() < 2)
		SKIP("one CPU has no strays");
	places_stay(0, 0);
	EXPECT(pthread_create(&thread, NULL, other, NULL) == 0, "no thread");
	stages_await(1);
	for (int i = 0; i < OBJECTS; i++)
		objects[i] = malloc(16 + (size_t)i % 3 * 16);
	stages_enter(2);
	stages_await(3);
	watch_read();
	EXPECT(watch_total("held_objects") == 0, "%lld objects are held", watch_total("held_objects"));
	EXPECT(watch_turn("reserved_bytes") == 0, "%lld bytes are reserved", watch_turn("reserved_bytes"));
	stages_enter(4);
	pthread_join(thread, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

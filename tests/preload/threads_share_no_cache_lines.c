/*
 * Small objects that another CPU's thread frees go back to where they came from: that thread is
 * given none of their cache lines, the first one gets them again, and each is counted once.
 * @no-preload
 * @variants rseq delay
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>

#include "places.h"
#include "stages.h"
#include "watch.h"

#define SIZE 16
#define LINE 64
#define OBJECTS 2000 /* every second one is given away: more than a CPU keeps before it sends them home */
#define TAKEN 3000

static char *objects[OBJECTS], *taken[TAKEN];
static char lines[OBJECTS * 4]; /* of the objects, by address over the lowest */
static uintptr_t lowest;

static void *other(void *unused)
{
	places_stay(0, 1);
	for (int i = 0; i < TAKEN; i++) /* it has an open stack before */
		taken[i] = malloc(SIZE);
	for (int i = 0; i < TAKEN; i++)
		free(taken[i]);
	stages_enter(1);
	stages_await(2);
	for (int i = 0; i < OBJECTS; i += 2)
		free(objects[i]);
	for (int i = 0; i < TAKEN; i++) {
		taken[i] = malloc(SIZE);
		*taken[i] = 1;
	}
	stages_enter(3);
	stages_await(4);
	return unused;
}

static char *line_of(const void *object)
{
	uintptr_t line = ((uintptr_t)object - lowest) / LINE;

	return (uintptr_t)object >= lowest && line < sizeof lines ? &lines[line] : NULL;
}

static int body(void)
{
	pthread_t thread;
	int shared = 0, back = 0;

	if (places_find() < 2)
		SKIP("one CPU shares its lines with nobody");
	places_stay(0, 0);
	EXPECT(pthread_create(&thread, NULL, other, NULL) == 0, "no thread");
	stages_await(1);
	lowest = UINTPTR_MAX;
	for (int i = 0; i < OBJECTS; i++) {
		objects[i] = malloc(SIZE);
		*objects[i] = 1;
		if ((uintptr_t)objects[i] < lowest)
			lowest = (uintptr_t)objects[i] / LINE * LINE;
	}
	for (int i = 0; i < OBJECTS; i++) {
		EXPECT(line_of(objects[i]), "the objects lie far apart");
		*line_of(objects[i]) = 1;
	}
	watch_read();
	long long puts = watch_class(SIZE, "puts"), gets = watch_class(SIZE, "gets");
	stages_enter(2);
	stages_await(3);
	watch_read();
	EXPECT(watch_class(SIZE, "puts") - puts == OBJECTS / 2, "%lld puts of %d", watch_class(SIZE, "puts") - puts,
	    OBJECTS / 2);
	EXPECT(watch_class(SIZE, "gets") - gets == TAKEN, "%lld gets of %d", watch_class(SIZE, "gets") - gets, TAKEN);
	for (int i = 0; i < TAKEN; i++)
		shared += line_of(taken[i]) && *line_of(taken[i]);
	EXPECT(shared == 0, "%d of %d objects lie in the other thread's lines", shared, TAKEN);

	long long overflow = watch_class(SIZE, "overflow"), stolen = watch_class(SIZE, "stolen");
	for (int i = 0; i < OBJECTS; i++) {
		char *object = malloc(SIZE);
		*object = 1;
		back += line_of(object) && *line_of(object);
	}
	watch_read();
	EXPECT(back >= OBJECTS / 2 - 127, "%d of %d objects came back", back, OBJECTS / 2);
	EXPECT(watch_class(SIZE, "overflow") > overflow, "no get was served by the overflow they came to");
	EXPECT(watch_class(SIZE, "stolen") == stolen, "%lld were stolen", watch_class(SIZE, "stolen") - stolen);

	malloc_trim(0);
	watch_read();
	EXPECT(watch_total("held_objects") == 0, "%lld objects are held after all", watch_total("held_objects"));
	EXPECT(watch_tide("reserved_bytes") == 0, "%lld bytes are reserved for nothing", watch_tide("reserved_bytes"));
	stages_enter(4);
	pthread_join(thread, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

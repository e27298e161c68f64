/*
 * Objects of parts of cache lines that another CPU's thread frees go back to where they came from: that
 * thread is given none of their lines, the first one gets them again, and each is counted once.
 * @no-preload
 * @env TIDEPOOL_TICK=0
 * @variants rseq delay
 */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "places.h"
#include "stages.h"
#include "watch.h"

#define LINE 64
#define OBJECTS 800 /* every second one is given away: more than a CPU keeps before it sends them home */
#define TAKEN 1200
#define STRAYS 63 /* that a CPU keeps of a class */

static char *objects[OBJECTS], *taken[TAKEN];
static char lines[1 << 16]; /* those of the objects, by address over the lowest */
static uintptr_t lowest;
static size_t size;

static void *other(void *unused)
{
	places_stay(0, 1);
	for (int i = 0; i < TAKEN; i++) /* it has an open stack before */
		taken[i] = malloc(size);
	for (int i = 0; i < TAKEN; i++)
		free(taken[i]);
	stages_enter(1);
	stages_await(2);
	for (int i = 0; i < OBJECTS; i += 2)
		free(objects[i]);
	for (int i = 0; i < TAKEN; i++) {
		taken[i] = malloc(size);
		*taken[i] = 1;
	}
	stages_enter(3);
	stages_await(4);
	return unused;
}

/* The marks of an object's first and last line; NULL where it lies far away. */
static char *first_line(const char *object)
{
	uintptr_t line = ((uintptr_t)object - lowest) / LINE;

	return (uintptr_t)object >= lowest && line < sizeof lines ? &lines[line] : NULL;
}

static char *last_line(const char *object)
{
	return first_line(object + size - 1);
}

static int is_marked(const char *object)
{
	const char *first = first_line(object), *last = last_line(object);

	return (first && *first) || (last && *last);
}

static void exchange(void)
{
	pthread_t thread;
	int shared = 0, back = 0;

	stages_enter(0);
	memset(lines, 0, sizeof lines);
	EXPECT(pthread_create(&thread, NULL, other, NULL) == 0, "no thread");
	stages_await(1);
	lowest = UINTPTR_MAX;
	for (int i = 0; i < OBJECTS; i++) {
		objects[i] = malloc(size);
		*objects[i] = 1;
		if ((uintptr_t)objects[i] < lowest)
			lowest = (uintptr_t)objects[i] / LINE * LINE;
	}
	for (int i = 0; i < OBJECTS; i++) {
		EXPECT(first_line(objects[i]) && last_line(objects[i]), "the objects lie far apart");
		*first_line(objects[i]) = *last_line(objects[i]) = 1;
	}
	watch_read();
	long long puts = watch_class((long long)size, "puts"), gets = watch_class((long long)size, "gets");
	stages_enter(2);
	stages_await(3);
	watch_read();
	EXPECT(watch_class((long long)size, "puts") - puts == OBJECTS / 2, "%lld puts of %d",
	    watch_class((long long)size, "puts") - puts, OBJECTS / 2);
	EXPECT(watch_class((long long)size, "gets") - gets == TAKEN, "%lld gets of %d",
	    watch_class((long long)size, "gets") - gets, TAKEN);
	for (int i = 0; i < TAKEN; i++)
		shared += is_marked(taken[i]);
	EXPECT(shared == 0, "%d of %d objects of %zu bytes lie in the other thread's lines", shared, TAKEN, size);

	long long overflow = watch_class((long long)size, "overflow"), stolen = watch_class((long long)size, "stolen");
	for (int i = 0; i < OBJECTS; i++) {
		char *object = malloc(size);
		*object = 1;
		back += is_marked(object);
	}
	watch_read();
	EXPECT(back >= OBJECTS / 2 - STRAYS, "%d of %d objects came back", back, OBJECTS / 2);
	EXPECT(watch_class((long long)size, "overflow") > overflow, "no get was served by the overflow they came to");
	EXPECT(watch_class((long long)size, "stolen") == stolen, "%lld were stolen",
	    watch_class((long long)size, "stolen") - stolen);

	malloc_trim(0);
	watch_read();
	EXPECT(watch_total("held_objects") == 0, "%lld objects are held after all", watch_total("held_objects"));
	EXPECT(watch_turn("reserved_bytes") == 0, "%lld bytes are reserved for nothing", watch_turn("reserved_bytes"));
	stages_enter(4);
	pthread_join(thread, NULL);
}

static int body(void)
{
	static const size_t sizes[] = { 16, 80, 400 };

	if (places_find() < 2)
		SKIP("one CPU shares its lines with nobody");
	places_stay(0, 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size = sizes[i];
		exchange();
	}
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

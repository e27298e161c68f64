/*
 * malloc_trim empties the pools of all CPUs and both generations at once, without a tick, and says
 * whether memory went back.
 * @no-preload
 * @env TIDEPOOL_TICK=0
 * @variants rseq lock delay norseq
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>

#include "places.h"
#include "watch.h"

#define OBJECTS 3000

static void *use_a_cpu(void *place)
{
	static __thread void *objects[OBJECTS];

	places_stay(0, *(unsigned *)place);
	for (int i = 0; i < OBJECTS; i++) {
		objects[i] = malloc((size_t)i * 4 + 1);
		memset(objects[i], 1, (size_t)i * 4 + 1);
	}
	for (int i = 0; i < OBJECTS; i++)
		free(objects[i]);
	return NULL;
}

static int body(void)
{
	places_find();
	for (unsigned place = 0; place < 3; place++) {
		pthread_t thread;

		EXPECT(pthread_create(&thread, NULL, use_a_cpu, &place) == 0, "no thread");
		pthread_join(thread, NULL);
	}
	watch_read();
	long long slabs = watch_total("slab_bytes");
	EXPECT(watch_total("held_objects") > 0, "the pools hold nothing");
	EXPECT(watch_turn("turns") == 0, "%lld turns without a tick", watch_turn("turns"));

	errno = 99;
	EXPECT(malloc_trim(0) == 1, "malloc_trim says that nothing went back");
	EXPECT(errno == 99, "malloc_trim set errno to %d", errno);
	watch_read();
	EXPECT(
	    watch_total("held_objects") == 0, "%lld objects are held after malloc_trim", watch_total("held_objects"));
	EXPECT(watch_turn("turns") == 2 && watch_turn("ticks") == 0, "%lld turns and %lld ticks", watch_turn("turns"),
	    watch_turn("ticks"));
	EXPECT(watch_total("slab_bytes") < slabs / 2, "slabs take %lld bytes, before %lld", watch_total("slab_bytes"),
	    slabs);
	malloc_trim(0);
	malloc_trim(0);
	EXPECT(malloc_trim(0) == 0, "malloc_trim of empty pools says that something went back");
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

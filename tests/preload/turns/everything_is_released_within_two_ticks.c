/*
 * A program with one thread frees all it has and does nothing more: two turns later the pools
 * hold nothing, the slabs are gone, and resident memory is back where it was.
 * @no-preload
 * @env TIDEPOOL_TICK=30ms
 * @env TIDEPOOL_TIMER=thread
 */
#include "watch.h"

#define OBJECTS 40000
#define ROUNDS 3
#define SLACK_BYTES (5 << 20)

static void *objects[OBJECTS];

static int body(void)
{
	static const size_t sizes[] = { 64, 1024, 4096, 100, 7000, 32768, 16 };

	memset(objects, 1, sizeof objects);
	watch_two_ticks();
	long long resident = watch_resident(), slabs = watch_total("slab_bytes");

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < OBJECTS; i++) {
			objects[i] = malloc(sizes[i % 7]);
			EXPECT(objects[i], "no memory");
			memset(objects[i], i, sizes[i % 7]);
		}
		long long full = watch_resident();
		EXPECT(full - resident > 200 << 20, "the objects take %lld bytes", full - resident);
		for (int i = 0; i < OBJECTS; i++)
			free(objects[i]);

		watch_two_ticks();
		watch_until_resident(resident + SLACK_BYTES);
		watch_read();
		EXPECT(watch_total("slab_bytes") <= slabs + (1 << 20), "slabs take %lld bytes, before %lld",
		    watch_total("slab_bytes"), slabs);
		EXPECT(watch_turn("returned_bytes") > 0, "nothing was counted as given back");
	}
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

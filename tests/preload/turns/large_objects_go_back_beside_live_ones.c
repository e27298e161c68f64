/*
 * Of large objects every other one is freed: no slab becomes empty, but some ticks later the pages
 * of those are gone. The others keep what was written, and so does what is taken then.
 * @no-preload
 * @env TIDEPOOL_TICK=30ms
 * @env TIDEPOOL_TIMER=thread
 */
#include "watch.h"

#define OBJECTS 2000
#define OBJECT_BYTES 49152U

static unsigned char *objects[OBJECTS];

static void write_object(int i)
{
	objects[i] = malloc(OBJECT_BYTES);
	EXPECT(objects[i], "no memory");
	memset(objects[i], i % 255 + 1, OBJECT_BYTES);
}

static int body(void)
{
	watch_two_ticks();
	long long before = watch_resident();

	for (int i = 0; i < OBJECTS; i++)
		write_object(i);
	long long full = watch_resident();
	EXPECT(
	    full - before > (long long)OBJECTS * OBJECT_BYTES * 9 / 10, "the objects take %lld bytes", full - before);
	for (int i = 0; i < OBJECTS; i += 2)
		free(objects[i]);
	watch_until_resident(before + (full - before) * 53 / 100); /* also what the pools held last */
	for (int i = 0; i < OBJECTS; i += 2)
		write_object(i);
	for (int i = 0; i < OBJECTS; i++)
		for (unsigned k = 0; k < OBJECT_BYTES; k++)
			EXPECT(objects[i][k] == i % 255 + 1, "object %d, byte %u: %u", i, k, objects[i][k]);
	EXPECT(watch_resident() < full + (full - before) / 10, "%lld bytes, %lld at first", watch_resident(), full);
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

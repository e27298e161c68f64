/*
 * With TIDEPOOL_MAX_SIZE=1m objects of 300 KiB and of 1 MiB are pooled and come back, none lies over
 * another, and what is larger is not pooled.
 * @no-preload
 * @env TIDEPOOL_MAX_SIZE=1m
 * @env TIDEPOOL_ADMIT=0
 * @env TIDEPOOL_TICK=0
 * @variants rseq lock delay norseq
 */
#include "places.h"
#include "policy.h"

#define COUNT 12

static void expect_reuse(size_t size)
{
	unsigned char *objects[COUNT], *freed;

	for (int i = 0; i < COUNT; i++) {
		EXPECT((objects[i] = malloc(size)), "no memory");
		memset(objects[i], i + 1, size);
	}
	for (int i = 0; i < COUNT; i++)
		for (size_t at = 0; at < size; at += 509)
			EXPECT(objects[i][at] == i + 1, "object %d of %zu bytes has %d", i, size, objects[i][at]);
	freed = objects[COUNT - 1];
	for (int i = 0; i < COUNT; i++)
		free(objects[i]);
	watch_read();
	EXPECT(watch_class((long long)size, "held_objects") >= COUNT, "%lld of %zu bytes are held",
	    watch_class((long long)size, "held_objects"), size);
	EXPECT(
	    watch_class((long long)size, "spilled") == 0, "%lld were dropped", watch_class((long long)size, "spilled"));
	long long local = watch_class((long long)size, "local");
	EXPECT(malloc(size) == freed, "the last one of %zu bytes did not come back", size);
	watch_read();
	EXPECT(watch_class((long long)size, "local") == local + 1, "the stack did not serve it");
	free(freed);
}

static int body(void)
{
	places_find();
	places_stay(0, 0);
	expect_reuse(300 << 10);
	expect_reuse(70000);
	expect_reuse(1 << 20);
	watch_read();
	long long large = dump_number(dump_section("large"), "gets");
	free(malloc((1 << 20) + 1));
	watch_read();
	EXPECT(dump_number(dump_section("large"), "gets") == large + 1, "more than 1 MiB was pooled");
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

/*
 * batch SIZE [SECONDS [WARMUP_SECONDS]]: nanoseconds per malloc and free, 64 objects at a time.
 *
 * Pattern: 64 objects of one size are taken, then freed in the order they were taken. A cache that holds
 * only a few objects, or looks at each object it gets back, pays here. The program never touches the objects.
 */
#include "sample.h"

enum { BATCH_COUNT = 64 };

static void batch_loop(size_t size_bytes, uint64_t turns)
{
	void *objects[BATCH_COUNT];

	for (uint64_t turn = 0; turn < turns; turn++) {
		for (int i = 0; i < BATCH_COUNT; i++)
			objects[i] = sample_malloc(size_bytes);
		for (int i = 0; i < BATCH_COUNT; i++)
			free(objects[i]);
	}
}

int main(int argc, char **argv)
{
	return sample_main(argc, argv, batch_loop, BATCH_COUNT);
}

/*
 * cold: sixty sizes that are each asked for a few hundred times a second, and one that is hot, for four seconds.
 *
 * What the pools hold for the cold ones is the question; TIDEPOOL_STATS answers it. See policy/README.md.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/checked.h"

#define STEPS 1500
#define SIZES 60
#define SIZE_STEP 1000
#define AT_ONCE 4
#define HOT_PAIRS 2000
#define HOT_BYTES 48

static void use_cold(size_t bytes)
{
	void *objects[AT_ONCE];

	for (int i = 0; i < AT_ONCE; i++) {
		objects[i] = checked_malloc(bytes);
		memset(objects[i], 1, bytes);
	}
	for (int i = 0; i < AT_ONCE; i++)
		free(objects[i]);
}

int main(void)
{
	const struct timespec pause = { 0, 2000000 };

	for (size_t step = 0; step < STEPS; step++) {
		for (size_t i = 0; i < AT_ONCE; i++)
			use_cold((step * AT_ONCE + i) % SIZES * SIZE_STEP + SIZE_STEP);
		for (int i = 0; i < HOT_PAIRS; i++)
			free(checked_malloc(HOT_BYTES));
		nanosleep(&pause, NULL);
	}
	return 0;
}

/*
 * The timer's thread sleeps for good while nothing is held. Blocks that no class has are freed then, one of
 * granules and one of the private jemalloc's: their pages go back all the same, within some ticks.
 * @env TIDEPOOL_TICK=20ms
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resident.h"

#define BLOCKS 2
#define POLLS 200 /* of 20 ms */

static const size_t sizes[BLOCKS] = { (size_t)900 << 10, (size_t)8 << 20 };

static void *nothing(void *argument)
{
	return argument;
}

int main(void)
{
	pthread_t thread;
	char *blocks[BLOCKS];

	EXPECT(pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0, "no thread");
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < BLOCKS; i++) {
			blocks[i] = malloc(sizes[i]);
			EXPECT(blocks[i], "no memory");
			memset(blocks[i], 1, sizes[i]);
		}
		usleep(400000); /* long enough to doze */
		for (int i = 0; i < BLOCKS; i++) {
			size_t left = 1;

			char *start = (char *)(((uintptr_t)blocks[i] + RESIDENT_PAGE - 1) & ~(RESIDENT_PAGE - 1));
			free(blocks[i]);
			for (int poll = 0; poll < POLLS && left > 0; poll++) {
				usleep(20000);
				left = resident_pages(start, sizes[i] - RESIDENT_PAGE);
			}
			EXPECT(left == 0, "round %d: %zu pages of %zu bytes are still there", round, left, sizes[i]);
		}
	}
	return 0;
}

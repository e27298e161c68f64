/*
 * The timer's thread sleeps for good while nothing is held. Blocks that no class has are freed then, one of
 * granules and one of the private jemalloc's: their pages go back all the same, within some ticks.
 * @env TIDEPOOL_TICK=20ms
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "expect.h"

#define PAGE ((size_t)4096)
#define BLOCKS 2
#define POLLS 200 /* of 20 ms */

static const size_t sizes[BLOCKS] = { (size_t)900 << 10, (size_t)8 << 20 };

static void *nothing(void *argument)
{
	return argument;
}

static size_t resident_pages(const char *start, size_t bytes)
{
	static unsigned char pages[(8 << 20) / PAGE];
	size_t count = 0;

	EXPECT(mincore((void *)start, bytes, pages) == 0, "the block's addresses are gone");
	for (size_t i = 0; i < bytes / PAGE; i++)
		count += pages[i] & 1;
	return count;
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

			char *start = (char *)(((uintptr_t)blocks[i] + PAGE - 1) & ~(PAGE - 1));
			free(blocks[i]);
			for (int poll = 0; poll < POLLS && left > 0; poll++) {
				usleep(20000);
				left = resident_pages(start, sizes[i] - PAGE);
			}
			EXPECT(left == 0, "round %d: %zu pages of %zu bytes are still there", round, left, sizes[i]);
		}
	}
	return 0;
}

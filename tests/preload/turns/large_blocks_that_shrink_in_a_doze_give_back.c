/*
 * The timer's thread sleeps for good while nothing is held. A block of granules shrinks in place then: the pages
 * that it no longer has go back all the same, within some ticks.
 * @env TIDEPOOL_TICK=20ms
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resident.h"

#define BYTES ((size_t)900 << 10)
#define KEPT_BYTES ((size_t)500 << 10) /* more than half: the block stays where it is */
#define CUT_OFF (((size_t)512 << 10) + RESIDENT_PAGE) /* from here on the block has no granule any more */
#define POLLS 500 /* of 20 ms */

static void *nothing(void *argument)
{
	return argument;
}

int main(void)
{
	pthread_t thread;
	size_t left = 1;

	EXPECT(pthread_create(&thread, NULL, nothing, NULL) == 0 && pthread_join(thread, NULL) == 0, "no thread");
	char *block = malloc(BYTES);
	EXPECT(block && (uintptr_t)block % RESIDENT_PAGE == 0, "no block of whole pages");
	memset(block, 1, BYTES);
	usleep(
	    400000); /* long enough to doze; if the machine was too busy for that, the thread ticks, and the test holds */
	EXPECT(realloc(block, KEPT_BYTES) == block, "the block has moved");
	for (int poll = 0; poll < POLLS && left > 0; poll++) {
		usleep(20000);
		left = resident_pages(block + CUT_OFF, BYTES - CUT_OFF);
	}
	EXPECT(left == 0, "%zu pages that were cut off are still there", left);
	free(block);
	return 0;
}

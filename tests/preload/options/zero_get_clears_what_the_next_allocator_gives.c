/*
 * With TIDEPOOL_ZERO=get what is handed out is clear also where the library's region is full and the
 * next allocator serves, whatever lay there before.
 * @env TIDEPOOL_ZERO=get
 * @env TIDEPOOL_REGION=16m
 * @variants rseq lock norseq
 */
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

#define COUNT 30000 /* of the smallest size, 30 MB */

int main(void)
{
	static const size_t sizes[] = { 1000, 70000 };
	static void *objects[COUNT];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t size = sizes[i];
		int count = (int)(COUNT * sizes[0] / size);
		for (int round = 0; round < 2; round++) {
			for (int j = 0; j < count; j++) {
				unsigned char *object = objects[j] = malloc(size);
				EXPECT(object, "no memory");
				for (size_t k = 0; k < size; k++)
					EXPECT(object[k] == 0, "object %d of %zu bytes has %#x at byte %zu", j, size,
					    object[k], k);
				memset(object, 0xee, size);
			}
			for (int j = 0; j < count; j++)
				free(objects[j]);
		}
	}
	return 0;
}

/*
 * 160 MiB of objects of one size are allocated and freed, then as much of the next, for twelve
 * sizes: the peak stays far below the sum, so what one size leaves the others use.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "expect.h"

#define BYTES (160u << 20)

int main(void)
{
	static void *objects[BYTES / 64];
	size_t size = 64;

	for (int i = 0; i < 12; i++, size = size * 19 / 10) {
		size_t count = BYTES / size;
		for (size_t j = 0; j < count; j++) {
			objects[j] = malloc(size);
			EXPECT(objects[j], "no memory for %zu bytes", size);
			memset(objects[j], 1, size);
		}
		for (size_t j = 0; j < count; j++)
			free(objects[j]);
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	EXPECT(usage.ru_maxrss < 600 << 10, "the peak is %ld KiB", usage.ru_maxrss);
	return 0;
}

/* malloc(0), calloc(0, n) and aligned_alloc(16, 0) give pointers of their own that can be freed. */
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

#define COUNT 900

static int by_address(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	return (*left > *right) - (*left < *right);
}

int main(void)
{
	static void *objects[COUNT];

	for (int i = 0; i < COUNT; i += 3) {
		objects[i] = malloc(0);
		objects[i + 1] = i % 2 ? calloc(0, 7) : calloc(7, 0);
		objects[i + 2] = aligned_alloc(16, 0);
	}
	qsort(objects, COUNT, sizeof objects[0], by_address);
	for (int i = 0; i < COUNT; i++) {
		EXPECT(objects[i], "a request of zero bytes gave NULL");
		EXPECT(i == 0 || objects[i] != objects[i - 1], "%p was given twice", objects[i]);
	}
	for (int i = 0; i < COUNT; i++)
		free(objects[i]);
	return 0;
}

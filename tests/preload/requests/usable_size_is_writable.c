/* malloc_usable_size is at least what was asked for, and all of it can be written. */
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

static size_t next(size_t size)
{
	return size + (size < 2048 ? 1 : size / 37);
}

int main(void)
{
	EXPECT(malloc_usable_size(NULL) == 0, "malloc_usable_size(NULL) is not 0");
	for (size_t size = 0; size <= 4 << 20; size = next(size)) {
		unsigned char *left = malloc(size), *object = malloc(size), *right = malloc(size);
		EXPECT(left && object && right, "no memory for %zu bytes", size);
		size_t usable = malloc_usable_size(object);
		EXPECT(usable >= size, "%zu usable bytes of %zu", usable, size);

		memset(left, 'l', malloc_usable_size(left));
		memset(right, 'r', malloc_usable_size(right));
		memset(object, 'o', usable);
		EXPECT(size == 0 || (left[0] == 'l' && left[size - 1] == 'l'),
		    "writing the usable bytes of %zu changed a neighbour", size);
		EXPECT(size == 0 || (right[0] == 'r' && right[size - 1] == 'r'),
		    "writing the usable bytes of %zu changed a neighbour", size);
		free(left);
		free(object);
		free(right);
	}
	return 0;
}

/* No request over 128 bytes and up to 64 KiB gets more than 12.5 % over what its object needs. */
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

int main(void)
{
	for (size_t size = 129; size <= 65536; size++) {
		void *object = malloc(size);
		EXPECT(object, "no memory for %zu bytes", size);
		size_t usable = malloc_usable_size(object);
		/* 16-byte steps are the least that alignment allows */
		EXPECT((usable - size) * 8 <= usable || usable - size < 16, "%zu bytes got %zu", size, usable);
		free(object);
	}
	return 0;
}

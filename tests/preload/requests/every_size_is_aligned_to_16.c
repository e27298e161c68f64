/* malloc, calloc and realloc give 16-byte alignment for every size, small ones included. */
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"

static void expect_aligned(const void *object, const char *how, size_t size)
{
	EXPECT(object, "%s gave no memory for %zu bytes", how, size);
	EXPECT(((uintptr_t)object & 15) == 0, "%s gave %p for %zu bytes", how, object, size);
}

int main(void)
{
	for (size_t size = 0; size <= 3 << 20; size += size < 4096 ? 1 : size / 61) {
		void *object = malloc(size), *zeroed = calloc(1, size), *grown = malloc(1);
		expect_aligned(object, "malloc", size);
		expect_aligned(zeroed, "calloc", size);
		grown = realloc(grown, size + 1);
		expect_aligned(grown, "realloc", size + 1);
		free(object);
		free(zeroed);
		free(grown);
	}
	return 0;
}

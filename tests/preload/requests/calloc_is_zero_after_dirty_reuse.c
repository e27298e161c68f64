/* calloc gives zeroed memory where the same memory was used, filled and freed before. */
#include <stdlib.h>

#include "expect.h"

#define COUNT 64

int main(void)
{
	static const size_t sizes[] = { 1, 16, 40, 100, 256, 1000, 4096, 5000, 16384, 32768, 65536, 65537, 100000,
		262144, 1 << 20, 4 << 20 };
	void *objects[COUNT];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t size = sizes[i];
		int count = size > 1 << 18 ? 4 : COUNT;
		for (int round = 0; round < 3; round++) {
			for (int j = 0; j < count; j++) {
				objects[j] = malloc(size);
				EXPECT(objects[j], "no memory for %zu bytes", size);
				memset(objects[j], 0xff, size);
			}
			for (int j = 0; j < count; j++)
				free(objects[j]);
			for (int j = 0; j < count; j++) {
				unsigned char *zeroed = objects[j] = calloc(j % 2 ? size : 1, j % 2 ? 1 : size);
				EXPECT(zeroed, "no memory for %zu bytes", size);
				for (size_t k = 0; k < size; k++)
					EXPECT(zeroed[k] == 0, "calloc of %zu bytes gave %#x at byte %zu", size,
					    zeroed[k], k);
				memset(zeroed, 0xee, size);
			}
			for (int j = 0; j < count; j++)
				free(objects[j]);
		}
	}
	return 0;
}

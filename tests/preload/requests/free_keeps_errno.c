/* free leaves errno as it was, for small, large and no objects, also where it gives memory back. */
#include <errno.h>
#include <stdlib.h>

#include "expect.h"

#define COUNT 5000

int main(void)
{
	static const size_t sizes[] = { 0, 16, 100, 4096, 65536, 100000, 3 << 20 };
	static void *objects[COUNT];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int count = sizes[i] > 1 << 20 ? 20 : COUNT;
		for (int j = 0; j < count; j++) {
			objects[j] = malloc(sizes[i]);
			EXPECT(objects[j], "no memory for %zu bytes", sizes[i]);
		}
		for (int j = 0; j < count; j++) {
			errno = 4321;
			free(objects[j]);
			EXPECT(errno == 4321, "free of %zu bytes set errno to %d", sizes[i], errno);
		}
	}
	free(NULL);
	EXPECT(errno == 4321, "free(NULL) set errno to %d", errno);
	return 0;
}

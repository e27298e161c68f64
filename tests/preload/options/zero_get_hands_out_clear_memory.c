/*
 * With TIDEPOOL_ZERO=get whatever is handed out is clear, also what realloc adds, after the same
 * memory was used, filled and freed.
 * @env TIDEPOOL_ZERO=get
 * @env TIDEPOOL_ADMIT=0
 * @variants rseq lock delay norseq
 */
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

#define COUNT 16

static void expect_clear(const unsigned char *object, size_t from, size_t to, const char *what)
{
	EXPECT(object, "no memory");
	for (size_t i = from; i < to; i++)
		EXPECT(object[i] == 0, "%s of %zu bytes has %#x at byte %zu", what, to, object[i], i);
}

/* To its end, as malloc_usable_size says it may be used. */
static void *fill(void *object)
{
	return memset(object, 0xee, malloc_usable_size(object));
}

int main(void)
{
	static const size_t sizes[] = { 16, 40, 500, 5000, 50000, 65536, 65537, 300000, 2 << 20 };
	void *objects[COUNT];

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		size_t size = sizes[i];
		for (int round = 0; round < 3; round++) {
			for (int j = 0; j < COUNT; j++) {
				objects[j] = malloc(size);
				expect_clear(objects[j], 0, size, "malloc");
				fill(objects[j]);
			}
			for (int j = 0; j < COUNT; j++)
				free(objects[j]);
			for (int j = 0; j < COUNT; j++) {
				objects[j] = j % 2 ? calloc(1, size) : aligned_alloc(32, (size + 31) & ~(size_t)31);
				expect_clear(objects[j], 0, size, j % 2 ? "calloc" : "aligned_alloc");
				fill(objects[j]);
				size_t old = malloc_usable_size(objects[j]);
				objects[j] = realloc(objects[j], 3 * old);
				expect_clear(objects[j], old, 3 * old, "realloc");
				fill(objects[j]);
			}
			for (int j = 0; j < COUNT; j++)
				free(objects[j]);
		}
	}
	return 0;
}

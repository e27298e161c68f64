/*
 * memalign, aligned_alloc, valloc and pvalloc align as asked, 16 B to 2 MiB, for sizes on both sides; the first two
 * round up what is no power of two.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"

#define AT_ONCE 16

static void expect_aligned(unsigned char *object, const char *how, size_t alignment, size_t size)
{
	EXPECT(object, "%s(%zu, %zu) gave no memory", how, alignment, size);
	EXPECT(
	    ((uintptr_t)object & (alignment - 1)) == 0, "%s(%zu, %zu) gave %p", how, alignment, size, (void *)object);
	EXPECT(malloc_usable_size(object) >= size, "%s(%zu, %zu) has %zu usable bytes", how, alignment, size,
	    malloc_usable_size(object));
	memset(object, 0xa5, size < 100 ? size : 100);
	memset(object + size - (size < 100 ? size : 100), 0x5a, size < 100 ? size : 100);
}

int main(void)
{
	static const size_t sizes[] = { 1, 8, 16, 24, 48, 64, 80, 100, 128, 192, 256, 320, 640, 1000, 1024, 3000, 4096,
		5000, 8192, 10000, 16384, 40000, 65536, 65537, 100000, 300000 };

	for (size_t alignment = 16; alignment <= 2 << 20; alignment *= 2) {
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			void *objects[AT_ONCE];
			for (int j = 0; j < AT_ONCE; j++) {
				objects[j] = j % 2 ? memalign(alignment, sizes[i]) : aligned_alloc(alignment, sizes[i]);
				expect_aligned(objects[j], j % 2 ? "memalign" : "aligned_alloc", alignment, sizes[i]);
			}
			for (int j = 0; j < AT_ONCE; j++)
				free(objects[j]);
		}
	}
	static const size_t rounded_up[][2] = { { 0, 16 }, { 3, 16 }, { 24, 32 }, { 48, 64 }, { 6000, 8192 } };
	for (size_t i = 0; i < sizeof rounded_up / sizeof *rounded_up; i++) {
		void *a = memalign(rounded_up[i][0], 100), *b = aligned_alloc(rounded_up[i][0], 100);
		expect_aligned(a, "memalign", rounded_up[i][1], 100);
		expect_aligned(b, "aligned_alloc", rounded_up[i][1], 100);
		free(a);
		free(b);
	}
	size_t page = (size_t)getpagesize();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		unsigned char *whole = valloc(sizes[i]), *rounded = pvalloc(sizes[i]);
		expect_aligned(whole, "valloc", page, sizes[i]);
		expect_aligned(rounded, "pvalloc", page, (sizes[i] + page - 1) / page * page);
		free(whole);
		free(rounded);
	}
	return 0;
}

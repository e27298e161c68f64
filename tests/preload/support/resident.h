/* Which pages of a range are in memory. */
#ifndef TEST_RESIDENT_H
#define TEST_RESIDENT_H

#include <stddef.h>
#include <sys/mman.h>

#include "expect.h"

#define RESIDENT_PAGE ((size_t)4096)
#define RESIDENT_BYTES_MAX ((size_t)8 << 20)

/* How many pages of @bytes from @start, the start of a page, are resident. */
static inline size_t resident_pages(const char *start, size_t bytes)
{
	static unsigned char pages[RESIDENT_BYTES_MAX / RESIDENT_PAGE];
	size_t count = 0;

	EXPECT(bytes <= RESIDENT_BYTES_MAX, "too many pages for this test");
	EXPECT(mincore((void *)start, bytes, pages) == 0, "the addresses are gone");
	for (size_t i = 0; i < bytes / RESIDENT_PAGE; i++)
		count += pages[i] & 1;
	return count;
}

#endif

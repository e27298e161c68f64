/*
 * Filling memory: allocates objects of one size until there is no more, checks that the refusal is
 * NULL with ENOMEM, and frees them all. The objects are linked through their first word.
 */
#ifndef TEST_FILL_H
#define TEST_FILL_H

#include <errno.h>
#include <stdlib.h>

#include "expect.h"

/* Allocate up to most_bytes, or until memory is refused, and free it all. Returns the bytes got. */
static inline size_t fill_and_free(size_t size, size_t most_bytes)
{
	void **last = NULL;
	size_t bytes = 0;

	while (bytes < most_bytes) {
		errno = 0;
		void **object = malloc(size);
		if (!object) {
			EXPECT(errno == ENOMEM, "malloc(%zu) gave NULL with errno %d", size, errno);
			errno = 0;
			EXPECT(!calloc(4, most_bytes / 2) && errno == ENOMEM,
			    "calloc where memory is out set errno to %d", errno);
			errno = 0;
			EXPECT(!last || (!realloc(last, most_bytes) && errno == ENOMEM),
			    "realloc where memory is out set errno to %d", errno);
			break;
		}
		*object = last;
		last = object;
		bytes += size;
	}
	while (last) {
		void **next = *last;
		free(last);
		last = next;
	}
	return bytes;
}

#endif

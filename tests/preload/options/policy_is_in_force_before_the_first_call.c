/*
 * A policy file counts from the first allocation on, which may come before libc's constructors, and leaves
 * no open file behind.
 * @env TIDEPOOL_POLICY=tests/preload/options/policies/right.policy
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>

#include "expect.h"

static size_t early_usable;

static void allocate_early(void)
{
	void *volatile block = malloc(4150);

	early_usable = malloc_usable_size(block);
	free(block);
}

__attribute__((section(".preinit_array"), used)) static void (*const preinit)(void) = allocate_early;

int main(void)
{
	EXPECT(early_usable == 4160, "4150 bytes get %zu", early_usable);
	int fd = open("/dev/null", O_RDONLY);
	EXPECT(fd == 3, "the next file has number %d", fd);
	return 0;
}

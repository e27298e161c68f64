/*
 * A program lowers its own RLIMIT_AS below what it has mapped: requests succeed or give NULL with
 * ENOMEM, nothing aborts, and what is freed can be had again.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "expect.h"
#include "fill.h"

int main(void)
{
	struct rlimit space = { 100 << 20, 100 << 20 };

	fill_and_free(5000, 64 << 20);
	EXPECT(setrlimit(RLIMIT_AS, &space) == 0, "cannot limit the address space");
	for (int round = 0; round < 2; round++) {
		size_t small = fill_and_free(5000, 256 << 20);
		EXPECT(small >= 16 << 20, "only %zu KiB in 5,000-byte objects", small >> 10);
		size_t other = fill_and_free(300, 64 << 20);
		EXPECT(other >= 8 << 20, "only %zu KiB in 300-byte objects", other >> 10);
		size_t large = fill_and_free(1 << 20, 1 << 30);
		EXPECT(large >= 16 << 20, "only %zu KiB in objects of 1 MiB", large >> 10);
	}
	return 0;
}

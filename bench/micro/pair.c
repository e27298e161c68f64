/*
 * pair SIZE [SECONDS [WARMUP_SECONDS]]: nanoseconds of one malloc and the free of it.
 *
 * Pattern: one object of one size, taken and given back at once, over and over. The program never touches
 * the object: what is measured is the two calls, and nothing else.
 */
#include "sample.h"

static void pair_loop(size_t size_bytes, uint64_t turns)
{
	for (uint64_t i = 0; i < turns; i++)
		free(sample_malloc(size_bytes));
}

int main(int argc, char **argv)
{
	return sample_main(argc, argv, pair_loop, 1);
}

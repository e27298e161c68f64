/*
 * large STEPS: blocks of 5 to 25 MiB, every page of them touched.
 *
 * Source: malloc-large of mimalloc-bench.
 * Pattern: 20 slots; every step frees one at random, takes a block of 5 to 25 MiB and writes to each of its
 * pages. Pools are of no use here: what counts is when an allocator gives pages back and asks for them anew.
 */
#include "work.h"

enum { LARGE_SLOTS = 20, LARGE_MIN_BYTES = 5 << 20, LARGE_MAX_BYTES = 25 << 20, LARGE_PAGE_BYTES = 4096 };

static const char large_usage[] = "large STEPS";

struct large_block {
	unsigned char *bytes; /* NULL: empty */
	uint32_t size_bytes;
	unsigned char value;
};

/* Frees the block. Returns a sum over its pages. */
static uint64_t large_give(struct large_block *block)
{
	uint64_t sum = 0;
	if (block->bytes == NULL)
		return 0;
	for (uint32_t i = 0; i < block->size_bytes; i += LARGE_PAGE_BYTES)
		sum += block->bytes[i];
	if (sum != (uint64_t)block->value * ((block->size_bytes + LARGE_PAGE_BYTES - 1) / LARGE_PAGE_BYTES))
		checked_fail("a page is not what was written there");
	free(block->bytes);
	return work_mix(sum << 32 | block->size_bytes);
}

int main(int argc, char **argv)
{
	unsigned long steps = work_argument(argc, argv, 1, large_usage, 1, 1000000);
	struct large_block blocks[LARGE_SLOTS] = { { NULL, 0, 0 } };
	uint64_t random = work_seed(0);
	uint64_t sum = 0;

	for (unsigned long step = 0; step < steps; step++) {
		struct large_block *block = &blocks[work_between(&random, 0, LARGE_SLOTS - 1)];
		sum += large_give(block);
		block->size_bytes = work_between(&random, LARGE_MIN_BYTES, LARGE_MAX_BYTES);
		block->value = (unsigned char)step;
		block->bytes = checked_malloc(block->size_bytes);
		for (uint32_t i = 0; i < block->size_bytes; i += LARGE_PAGE_BYTES)
			block->bytes[i] = block->value;
	}
	for (int i = 0; i < LARGE_SLOTS; i++)
		sum += large_give(&blocks[i]);
	work_report(steps, sum);
	return 0;
}

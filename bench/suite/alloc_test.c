/*
 * alloc_test SLOTS STEPS: a working set far larger than any cache, replaced at random.
 *
 * Source: alloc-test of OLogN Technologies, "Testing Memory Allocators" (ithare.com, 2018), also in mimalloc-bench.
 * Pattern: every step picks one of SLOTS slots, some much more often than others; an empty one is given an object
 * of 16 bytes to 1 KiB, small ones more often, and every byte of it written; a full one is read through and
 * freed. What is measured is also how the objects lie in the machine's caches and pages.
 */
#include "work.h"

enum { ALLOC_DOUBLINGS = 6 };

static const char alloc_usage[] = "alloc_test SLOTS STEPS";

struct alloc_slot {
	uint64_t *words; /* NULL: empty */
	uint32_t word_count;
};

static uint64_t alloc_read(const struct alloc_slot *slot)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < slot->word_count; i++)
		sum += slot->words[i];
	return sum;
}

static void alloc_fill(struct alloc_slot *slot, uint64_t *random)
{
	uint32_t lowest = 16u << work_between(random, 0, work_between(random, 0, ALLOC_DOUBLINGS - 1));
	slot->word_count = work_between(random, lowest, 2 * lowest) / (uint32_t)sizeof *slot->words;
	slot->words = checked_malloc(slot->word_count * sizeof *slot->words);
	uint64_t value = work_random(random);
	for (uint32_t i = 0; i < slot->word_count; i++)
		slot->words[i] = value + i;
}

/* The product of two draws: a slot at the front is many times as likely as one at the back. */
static unsigned long alloc_pick(uint64_t *random, unsigned long slots)
{
	return (unsigned long)work_between(random, 0, 65535) * work_between(random, 0, 65535) * slots >> 32;
}

int main(int argc, char **argv)
{
	unsigned long count = work_argument(argc, argv, 1, alloc_usage, 1, 100000000);
	unsigned long steps = work_argument(argc, argv, 2, alloc_usage, 1, 1000000000);
	struct alloc_slot *slots = checked_malloc(count * sizeof *slots);
	uint64_t random = work_seed(0);
	uint64_t sum = 0;

	memset(slots, 0, count * sizeof *slots);
	for (unsigned long i = 0; i < count; i += 2)
		alloc_fill(&slots[i], &random);
	for (unsigned long i = 0; i < steps; i++) {
		struct alloc_slot *slot = &slots[alloc_pick(&random, count)];
		if (slot->words == NULL) {
			alloc_fill(slot, &random);
			continue;
		}
		sum += work_mix(alloc_read(slot));
		free(slot->words);
		slot->words = NULL;
	}
	for (unsigned long i = 0; i < count; i++) {
		if (slots[i].words != NULL)
			sum += work_mix(alloc_read(&slots[i]));
		free(slots[i].words);
	}
	free(slots);
	work_report(steps, sum);
	return 0;
}

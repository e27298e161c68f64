/*
 * orphans ROUNDS THREADS OBJECTS: threads that die with objects alive, which others free later.
 *
 * Source: mleak of mimalloc-bench, which asks whether the memory of dead threads comes back; here it is also timed.
 * Pattern: in every round THREADS short threads each take OBJECTS objects of 16 bytes to 2 KiB, free every other
 * one and end. What they leave is kept for two rounds and then freed by the threads of that round, each of which
 * frees what another left. An allocator that keeps a heap for each thread must take over those of the dead, again and again.
 */
#include "work.h"

enum { ORPHANS_GENERATIONS = 3, ORPHANS_DOUBLINGS = 7 };

static const char orphans_usage[] = "orphans ROUNDS THREADS OBJECTS";

struct orphans_thread {
	struct work_object *left[ORPHANS_GENERATIONS]; /* chained by next */
	struct orphans_thread *neighbour;
	uint64_t random;
	uint64_t sum;
};

static unsigned long orphans_objects;
static unsigned orphans_generation; /* set by main while no other thread runs */

static uint64_t orphans_free(struct work_object **chain)
{
	uint64_t sum = 0;
	while (*chain != NULL) {
		struct work_object *object = *chain;
		*chain = object->next;
		sum += work_give(object);
	}
	return sum;
}

static void *orphans_run(void *context)
{
	struct orphans_thread *thread = context;
	struct work_object *passing = NULL;

	/* Of all generations, the one that is about to be overwritten is the oldest. */
	thread->sum += orphans_free(&thread->neighbour->left[(orphans_generation + 1) % ORPHANS_GENERATIONS]);
	for (unsigned long i = 0; i < orphans_objects; i++) {
		uint32_t lowest = 16u << work_between(&thread->random, 0, ORPHANS_DOUBLINGS - 1);
		struct work_object *object = work_take(work_between(&thread->random, lowest, 2 * lowest), (uint32_t)i);
		struct work_object **chain = i % 2 == 0 ? &passing : &thread->left[orphans_generation];
		object->next = *chain;
		*chain = object;
	}
	thread->sum += orphans_free(&passing);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long rounds = work_argument(argc, argv, 1, orphans_usage, 1, 1000000);
	unsigned long threads = work_argument(argc, argv, 2, orphans_usage, 1, WORK_MAX_THREADS);
	orphans_objects = work_argument(argc, argv, 3, orphans_usage, 1, 10000000);

	static struct orphans_thread contexts[WORK_MAX_THREADS];
	for (unsigned long i = 0; i < threads; i++) {
		contexts[i].random = work_seed(i);
		contexts[i].neighbour = &contexts[(i + 1) % threads];
	}
	for (unsigned long round = 0; round < rounds; round++) {
		orphans_generation = (unsigned)(round % ORPHANS_GENERATIONS);
		work_run_threads((unsigned)threads, orphans_run, contexts, sizeof contexts[0]);
	}
	uint64_t sum = 0;
	for (unsigned long i = 0; i < threads; i++) {
		for (int generation = 0; generation < ORPHANS_GENERATIONS; generation++)
			sum += orphans_free(&contexts[i].left[generation]);
		sum += contexts[i].sum;
	}
	work_report(rounds * threads * orphans_objects, sum);
	return 0;
}

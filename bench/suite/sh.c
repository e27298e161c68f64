/*
 * sh THREADS MAX_SIZE ROUNDS: stacks of objects by size, freed first to last and last to first.
 *
 * Source: sh6bench and sh8bench of MicroQuill's SmartHeap, the second with threads and larger sizes; also in
 * mimalloc-bench.
 * Pattern: in every round each thread goes through the sizes up to MAX_SIZE, small ones with more objects than
 * large ones, and takes a stack of each. Every third stack is freed first to last, every third last to first,
 * and the others stay for another round. After every second round a neighbour frees what stayed, across the sizes.
 */
#include "work.h"

enum { SH_STEP_BYTES = 24, SH_MAX_SIZES = 2000, SH_STACK_BYTES = 12000, SH_MAX_STACK = 500 };

static const char sh_usage[] = "sh THREADS MAX_SIZE ROUNDS";

struct sh_thread {
	struct work_object *kept[SH_MAX_SIZES][SH_MAX_STACK]; /* what stays for another round */
	struct sh_thread *neighbour; /* itself, where it is alone */
	uint64_t sum;
};

static uint32_t sh_max_size_bytes;
static unsigned long sh_rounds;
static pthread_barrier_t sh_round_ends; /* between who takes and who frees, and back */

static unsigned sh_count(uint32_t size_bytes)
{
	unsigned count = SH_STACK_BYTES / size_bytes;
	return count < 2 ? 2 : count > SH_MAX_STACK ? SH_MAX_STACK : count;
}

static uint32_t sh_size(unsigned number)
{
	return WORK_MIN_OBJECT_BYTES + number * SH_STEP_BYTES;
}

/* Frees across the neighbour's stacks: the first of each, the second of each, and so on. */
static void sh_free_kept(struct sh_thread *thread, unsigned sizes)
{
	struct work_object *(*kept)[SH_MAX_STACK] = thread->neighbour->kept;
	for (unsigned i = 0; i < SH_MAX_STACK; i++)
		for (unsigned number = 2; number < sizes && sh_count(sh_size(number)) > i; number += 3) {
			thread->sum += work_give_if_any(kept[number][i]);
			kept[number][i] = NULL;
		}
}

static void *sh_run(void *context)
{
	struct sh_thread *thread = context;
	unsigned sizes = (sh_max_size_bytes - WORK_MIN_OBJECT_BYTES) / SH_STEP_BYTES + 1;

	for (unsigned long round = 0; round < sh_rounds; round++) {
		for (unsigned number = 0; number < sizes; number++) {
			struct work_object *stack[SH_MAX_STACK];
			unsigned count = sh_count(sh_size(number));
			for (unsigned i = 0; i < count; i++)
				stack[i] = work_take(sh_size(number), i);
			if (number % 3 == 0)
				for (unsigned i = 0; i < count; i++)
					thread->sum += work_give(stack[i]);
			else if (number % 3 == 1)
				for (unsigned i = count; i-- > 0;)
					thread->sum += work_give(stack[i]);
			else
				for (unsigned i = 0; i < count; i++) {
					thread->sum += work_give_if_any(thread->kept[number][i]);
					thread->kept[number][i] = stack[i];
				}
		}
		if (round % 2 == 0 && round + 1 < sh_rounds)
			continue;
		pthread_barrier_wait(&sh_round_ends);
		sh_free_kept(thread, sizes);
		pthread_barrier_wait(&sh_round_ends);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long threads = work_argument(argc, argv, 1, sh_usage, 1, WORK_MAX_THREADS);
	sh_max_size_bytes = (uint32_t)work_argument(argc, argv, 2, sh_usage, 16, SH_MAX_SIZES * SH_STEP_BYTES - 8);
	sh_rounds = work_argument(argc, argv, 3, sh_usage, 1, 1000000);

	struct sh_thread *contexts = calloc(threads, sizeof *contexts);
	if (contexts == NULL)
		checked_fail("calloc returned NULL");
	for (unsigned long i = 0; i < threads; i++)
		contexts[i].neighbour = &contexts[(i + 1) % threads];
	pthread_barrier_init(&sh_round_ends, NULL, (unsigned)threads);
	work_run_threads((unsigned)threads, sh_run, contexts, sizeof contexts[0]);
	uint64_t sum = 0;
	uint64_t per_round = 0;
	for (unsigned long i = 0; i < threads; i++)
		sum += contexts[i].sum;
	for (unsigned number = 0; sh_size(number) <= sh_max_size_bytes; number++)
		per_round += sh_count(sh_size(number));
	free(contexts);
	work_report(threads * sh_rounds * per_round, sum);
	return 0;
}

/*
 * mstress THREADS ROUNDS STEPS: random sizes, threads that come and go, some objects passed between them.
 *
 * Source: mstress of mimalloc-bench (Daan Leijen).
 * Pattern: in each of ROUNDS rounds THREADS new threads replace objects at random, STEPS each, among 1,000 of
 * their own; one in eight is exchanged for whatever lies in a random slot of an array that all share, and
 * which outlives the threads. Sizes double evenly from 16 bytes to 4 KiB; one in a thousand is up to 256 KiB.
 */
#include <stdatomic.h>

#include "work.h"

enum {
	MSTRESS_OWN_SLOTS = 1000,
	MSTRESS_SHARED_SLOTS = 1000,
	MSTRESS_SMALL_DOUBLINGS = 8,
	MSTRESS_LARGE_BYTES = 262144,
};

static const char mstress_usage[] = "mstress THREADS ROUNDS STEPS";

struct mstress_thread {
	uint64_t random;
	uint64_t sum;
};

static unsigned long mstress_steps;
static struct work_object *_Atomic mstress_shared[MSTRESS_SHARED_SLOTS];

static uint32_t mstress_size(uint64_t *random)
{
	if (work_between(random, 1, 1000) == 1)
		return work_between(random, WORK_MIN_OBJECT_BYTES, MSTRESS_LARGE_BYTES);
	uint32_t lowest = WORK_MIN_OBJECT_BYTES << work_between(random, 0, MSTRESS_SMALL_DOUBLINGS - 1);
	return work_between(random, lowest, 2 * lowest);
}

static void *mstress_run(void *context)
{
	struct mstress_thread *thread = context;
	struct work_object **own = checked_malloc(MSTRESS_OWN_SLOTS * sizeof *own);
	uint64_t random = thread->random;
	uint64_t sum = 0;

	memset(own, 0, MSTRESS_OWN_SLOTS * sizeof *own);
	for (unsigned long i = 0; i < mstress_steps; i++) {
		struct work_object **slot = &own[work_between(&random, 0, MSTRESS_OWN_SLOTS - 1)];
		sum += work_give_if_any(*slot);
		*slot = work_take(mstress_size(&random), (uint32_t)i);
		if (work_between(&random, 0, 7) == 0)
			/* release what was written into ours, acquire what another wrote into theirs */
			*slot = atomic_exchange_explicit(
			    &mstress_shared[work_between(&random, 0, MSTRESS_SHARED_SLOTS - 1)], *slot,
			    memory_order_acq_rel);
	}
	for (int i = 0; i < MSTRESS_OWN_SLOTS; i++)
		sum += work_give_if_any(own[i]);
	free(own);
	thread->random = random;
	thread->sum += sum;
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long threads = work_argument(argc, argv, 1, mstress_usage, 1, WORK_MAX_THREADS);
	unsigned long rounds = work_argument(argc, argv, 2, mstress_usage, 1, 1000000);
	mstress_steps = work_argument(argc, argv, 3, mstress_usage, 1, 1000000000);

	static struct mstress_thread contexts[WORK_MAX_THREADS];
	for (unsigned long i = 0; i < threads; i++)
		contexts[i].random = work_seed(i);
	for (unsigned long round = 0; round < rounds; round++)
		work_run_threads((unsigned)threads, mstress_run, contexts, sizeof contexts[0]);
	uint64_t sum = 0;
	for (unsigned long i = 0; i < threads; i++)
		sum += contexts[i].sum;
	for (int i = 0; i < MSTRESS_SHARED_SLOTS; i++)
		sum += work_give_if_any(atomic_load_explicit(&mstress_shared[i], memory_order_relaxed));
	work_report(threads * rounds * mstress_steps, sum);
	return 0;
}

/*
 * glibc_thread THREADS STEPS: each thread replaces objects at random in a working set of its own.
 *
 * Source: benchtests/bench-malloc-thread.c of glibc.
 * Pattern: a working set of 1,024 objects a thread; every step frees one at random and takes one of 16 bytes to
 * 32 KiB, half as likely for every doubling of the size.
 */
#include "work.h"

enum { THREAD_SLOTS = 1024, THREAD_DOUBLINGS = 11 };

static const char thread_usage[] = "glibc_thread THREADS STEPS";

struct thread_context {
	uint64_t random;
	uint64_t sum;
};

static unsigned long thread_steps;

static uint32_t thread_size(uint64_t *random)
{
	uint64_t bits = work_random(random);
	unsigned doublings = (unsigned)__builtin_ctzll(bits | 1ull << (THREAD_DOUBLINGS - 1));
	uint32_t lowest = (uint32_t)WORK_MIN_OBJECT_BYTES << doublings;
	return lowest + (uint32_t)((bits >> 32) * lowest >> 32);
}

static void *thread_run(void *context)
{
	struct thread_context *thread = context;
	struct work_object *slots[THREAD_SLOTS] = { NULL };
	uint64_t random = thread->random;
	uint64_t sum = 0;

	for (unsigned long i = 0; i < thread_steps; i++) {
		struct work_object **slot = &slots[work_between(&random, 0, THREAD_SLOTS - 1)];
		sum += work_give_if_any(*slot);
		*slot = work_take(thread_size(&random), (uint32_t)i);
	}
	for (int i = 0; i < THREAD_SLOTS; i++)
		sum += work_give_if_any(slots[i]);
	thread->sum = sum;
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long threads = work_argument(argc, argv, 1, thread_usage, 1, WORK_MAX_THREADS);
	thread_steps = work_argument(argc, argv, 2, thread_usage, 1, 1000000000);

	static struct thread_context contexts[WORK_MAX_THREADS];
	for (unsigned long i = 0; i < threads; i++)
		contexts[i].random = work_seed(i);
	work_run_threads((unsigned)threads, thread_run, contexts, sizeof contexts[0]);
	uint64_t sum = 0;
	for (unsigned long i = 0; i < threads; i++)
		sum += contexts[i].sum;
	work_report(threads * thread_steps, sum);
	return 0;
}

/*
 * rptest THREADS ROUNDS LOOPS: batches of random sizes, handed to a neighbour that frees them.
 *
 * Source: rptest of rpmalloc-benchmark (Mattias Jansson).
 * Pattern: THREADS threads stand in a ring. In each of LOOPS loops a thread takes a batch of 1 to 100 objects of
 * 16 bytes to 16 KiB, small ones more often, keeps three quarters of them in place of older ones, which it
 * frees, and hands the rest to the next thread as a chain, which frees it in its next loop. After LOOPS the threads
 * end with what they keep, and new ones go on from there, ROUNDS times. Those of a round begin together, and none
 * hands over once the first has ended, as in the source: chains would grow for a thread that does not free any more.
 */
#include <stdatomic.h>

#include "work.h"

enum { RPTEST_SLOTS = 2000, RPTEST_BATCH = 100, RPTEST_MAX_BYTES = 16384 };

static const char rptest_usage[] = "rptest THREADS ROUNDS LOOPS";

struct rptest_thread {
	struct work_object *_Atomic handed; /* chained by next; pushed by the one before, taken whole by this one */
	struct rptest_thread *neighbour;
	struct work_object *slots[RPTEST_SLOTS];
	uint64_t random;
	uint64_t operations;
	uint64_t sum;
};

static unsigned long rptest_loops;
static pthread_barrier_t rptest_begin;
static atomic_bool rptest_has_ended; /* a thread of this round */
static struct rptest_thread rptest_threads[WORK_MAX_THREADS];

static void rptest_hand_over(struct rptest_thread *thread, struct work_object *object)
{
	object->next = atomic_load_explicit(&thread->handed, memory_order_relaxed);
	/* pairs with the acquire in rptest_free_handed */
	while (!atomic_compare_exchange_weak_explicit(
	    &thread->handed, &object->next, object, memory_order_release, memory_order_relaxed))
		;
}

static void rptest_free_handed(struct rptest_thread *thread)
{
	/* pairs with the release in rptest_hand_over */
	struct work_object *object = atomic_exchange_explicit(&thread->handed, NULL, memory_order_acquire);
	while (object != NULL) {
		struct work_object *next = object->next;
		thread->sum += work_give(object);
		object = next;
	}
}

static uint32_t rptest_size(uint64_t *random)
{
	uint64_t x = work_between(random, 0, 65535);
	return WORK_MIN_OBJECT_BYTES + (uint32_t)((((x * x) >> 16) * x >> 16) * (RPTEST_MAX_BYTES - 16) >> 16);
}

static void *rptest_run(void *context)
{
	struct rptest_thread *thread = context;

	pthread_barrier_wait(&rptest_begin);
	for (unsigned long loop = 0; loop < rptest_loops; loop++) {
		uint32_t batch = work_between(&thread->random, 1, RPTEST_BATCH);
		bool hands_over = !atomic_load_explicit(&rptest_has_ended, memory_order_relaxed);
		for (uint32_t i = 0; i < batch; i++) {
			struct work_object *object = work_take(rptest_size(&thread->random), i);
			/* drawn for each, so that sizes are the same however the threads ran */
			struct work_object **slot = &thread->slots[work_between(&thread->random, 0, RPTEST_SLOTS - 1)];
			if (hands_over && i % 4 == 0) {
				rptest_hand_over(thread->neighbour, object);
				continue;
			}
			thread->sum += work_give_if_any(*slot);
			*slot = object;
		}
		thread->operations += batch;
		rptest_free_handed(thread);
	}
	atomic_store_explicit(&rptest_has_ended, true, memory_order_relaxed);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long threads = work_argument(argc, argv, 1, rptest_usage, 1, WORK_MAX_THREADS);
	unsigned long rounds = work_argument(argc, argv, 2, rptest_usage, 1, 1000000);
	rptest_loops = work_argument(argc, argv, 3, rptest_usage, 1, 100000000);

	for (unsigned long i = 0; i < threads; i++) {
		rptest_threads[i].random = work_seed(i);
		rptest_threads[i].neighbour = &rptest_threads[(i + 1) % threads];
	}
	pthread_barrier_init(&rptest_begin, NULL, (unsigned)threads);
	for (unsigned long round = 0; round < rounds; round++) {
		atomic_store_explicit(&rptest_has_ended, false, memory_order_relaxed);
		work_run_threads((unsigned)threads, rptest_run, rptest_threads, sizeof rptest_threads[0]);
	}
	uint64_t operations = 0;
	uint64_t sum = 0;
	for (unsigned long i = 0; i < threads; i++) {
		rptest_free_handed(&rptest_threads[i]);
		for (int j = 0; j < RPTEST_SLOTS; j++)
			sum += work_give_if_any(rptest_threads[i].slots[j]);
		operations += rptest_threads[i].operations;
		sum += rptest_threads[i].sum;
	}
	work_report(operations, sum);
	return 0;
}

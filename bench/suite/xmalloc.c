/*
 * xmalloc PAIRS BATCHES: one thread allocates, another frees.
 *
 * Source: Lever and Boreham, "malloc() Performance in a Multithreaded Linux Environment", USENIX 2000, and its
 * descendant xmalloc-testN of mimalloc-bench.
 * Pattern: each of PAIRS producers takes BATCHES batches of 120 objects of 16 to 256 bytes and queues each
 * batch; its consumer takes batches off the queue and frees the objects. No object is freed where it was taken.
 */
#include "work.h"

enum { XMALLOC_BATCH_OBJECTS = 120, XMALLOC_QUEUE_BATCHES = 64 };

static const char xmalloc_usage[] = "xmalloc PAIRS BATCHES";

/* A bounded queue of one pair. Produced and consumed only grow; their difference is what is queued. */
struct xmalloc_pair {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct work_object *batches[XMALLOC_QUEUE_BATCHES]; /* chained by next */
	unsigned long produced;
	unsigned long consumed;
	uint64_t random;
	uint64_t sum;
};

static unsigned long xmalloc_batches;

static void *xmalloc_produce(void *context)
{
	struct xmalloc_pair *pair = context;

	for (unsigned long i = 0; i < xmalloc_batches; i++) {
		struct work_object *batch = NULL;
		for (int j = 0; j < XMALLOC_BATCH_OBJECTS; j++) {
			struct work_object *object = work_take(work_between(&pair->random, 16, 256), (uint32_t)i);
			object->next = batch;
			batch = object;
		}
		pthread_mutex_lock(&pair->lock);
		while (pair->produced - pair->consumed == XMALLOC_QUEUE_BATCHES)
			pthread_cond_wait(&pair->changed, &pair->lock);
		pair->batches[pair->produced++ % XMALLOC_QUEUE_BATCHES] = batch;
		pthread_cond_signal(&pair->changed);
		pthread_mutex_unlock(&pair->lock);
	}
	return NULL;
}

static void *xmalloc_consume(void *context)
{
	struct xmalloc_pair *pair = context;

	for (unsigned long i = 0; i < xmalloc_batches; i++) {
		pthread_mutex_lock(&pair->lock);
		while (pair->produced == pair->consumed)
			pthread_cond_wait(&pair->changed, &pair->lock);
		struct work_object *batch = pair->batches[pair->consumed++ % XMALLOC_QUEUE_BATCHES];
		pthread_cond_signal(&pair->changed);
		pthread_mutex_unlock(&pair->lock);
		while (batch != NULL) {
			struct work_object *next = batch->next;
			pair->sum += work_give(batch);
			batch = next;
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long pairs = work_argument(argc, argv, 1, xmalloc_usage, 1, WORK_MAX_THREADS);
	xmalloc_batches = work_argument(argc, argv, 2, xmalloc_usage, 1, 100000000);

	static struct xmalloc_pair all[WORK_MAX_THREADS];
	pthread_t producers[WORK_MAX_THREADS];
	for (unsigned long i = 0; i < pairs; i++) {
		pthread_mutex_init(&all[i].lock, NULL);
		pthread_cond_init(&all[i].changed, NULL);
		all[i].random = work_seed(i);
		work_start(&producers[i], xmalloc_produce, &all[i]);
	}
	work_run_threads((unsigned)pairs, xmalloc_consume, all, sizeof all[0]);
	uint64_t sum = 0;
	for (unsigned long i = 0; i < pairs; i++) {
		pthread_join(producers[i], NULL);
		sum += all[i].sum;
	}
	work_report(pairs * xmalloc_batches * XMALLOC_BATCH_OBJECTS, sum);
	return 0;
}

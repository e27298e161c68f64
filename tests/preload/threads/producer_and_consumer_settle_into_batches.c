/*
 * A thread on one CPU allocates and one on another frees: after warm-up the objects circulate in
 * batches, and fewer than one get in 10,000 needs a slab, also across turns.
 * @no-preload
 * @env TIDEPOOL_TICK=2s
 * @env TIDEPOOL_TIMER=thread
 */
#include <pthread.h>
#include <stdatomic.h>

#include "places.h"
#include "watch.h"

#define RING 256
#define SIZE 700
#define WARM_UP 400000
#define GETS 1000000 /* at least, and until there were as many turns */
#define TURNS 2

static _Atomic(char *) ring[RING];
static _Atomic long long produced = -1; /* at the end: how many in all */

static void *consume(void *unused)
{
	places_stay(0, 1);
	for (long long i = 0; i != atomic_load_explicit(&produced, memory_order_relaxed);) {
		char *object = atomic_exchange_explicit(&ring[i % RING], NULL, memory_order_acquire);
		free(object);
		if (object)
			i++;
		else
			sched_yield();
	}
	return unused;
}

static void produce(long long first, long long count)
{
	for (long long i = first; i < first + count; i++) {
		char *object = malloc(SIZE);
		EXPECT(object, "no memory");
		*object = 1;
		while (atomic_load_explicit(&ring[i % RING], memory_order_acquire))
			sched_yield();
		atomic_store_explicit(&ring[i % RING], object, memory_order_release);
	}
}

static int body(void)
{
	pthread_t consumer;

	if (places_find() < 2)
		SKIP("one CPU has nobody to steal from");
	places_stay(0, 0);
	EXPECT(pthread_create(&consumer, NULL, consume, NULL) == 0, "no thread");
	produce(0, WARM_UP);
	watch_read();
	long long gets = watch_class(SIZE, "gets"), from_slab = watch_class(SIZE, "from_slab");
	long long stolen = watch_class(SIZE, "stolen"), turns = watch_turn("turns");
	long long count = WARM_UP;
	do {
		produce(count, GETS);
		count += GETS;
		watch_read();
	} while (watch_turn("turns") < turns + TURNS);
	atomic_store(&produced, count);
	gets = watch_class(SIZE, "gets") - gets;
	from_slab = watch_class(SIZE, "from_slab") - from_slab;
	stolen = watch_class(SIZE, "stolen") - stolen;
	EXPECT(gets >= GETS, "%lld gets", gets);
	EXPECT(from_slab * 10000 < gets, "%lld of %lld gets, %lld of them stolen, needed a slab in %lld turns",
	    from_slab, gets, stolen, watch_turn("turns") - turns);
	EXPECT(stolen > 0, "nothing was stolen in %lld gets", gets);
	pthread_join(consumer, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

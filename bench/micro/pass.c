/*
 * pass SIZE [SECONDS [WARMUP_SECONDS]]: nanoseconds per object that one thread takes and another frees.
 *
 * Pattern: the producer takes an object, writes its number into the first bytes and puts it on a bounded
 * ring; the consumer takes it off, checks the number and frees it. A number that is not the expected one
 * stops the program: an object was handed out twice. Each thread is bound to a CPU of its own where there are
 * two: with both on one, no object would leave the caches it came from.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "sample.h"

enum {
	PASS_SLOTS = 128, /* times the largest size: 4 MiB in flight, within the null allocator's ring */
	PASS_SPINS = 200, /* then yield, so that it also runs on one CPU */
	PASS_LINE_BYTES = 64,
};

/*
 * One producer, one consumer. Each side owns a line: its own position, and the last it saw of the other's,
 * so that the lines move between CPUs once a ring and not once an object.
 */
static struct {
	_Alignas(PASS_LINE_BYTES) _Atomic uint64_t produced;
	uint64_t consumed_seen;
	_Alignas(PASS_LINE_BYTES) _Atomic uint64_t consumed;
	uint64_t produced_seen;
	_Alignas(PASS_LINE_BYTES) uint64_t *slots[PASS_SLOTS];
} pass_ring;

/* Binds the calling thread to the CPU that is number `wanted` (0, 1) of those it may use, if it may use two. */
static void pass_bind(int wanted)
{
	cpu_set_t allowed;
	if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 2)
		return;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || wanted-- > 0)
			continue;
		cpu_set_t one;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		sched_setaffinity(0, sizeof one, &one);
		return;
	}
}

static inline void pass_wait(unsigned *spins)
{
	if (++*spins % PASS_SPINS == 0)
		sched_yield();
#if defined(__x86_64__)
	else
		__builtin_ia32_pause();
#endif
}

static _Noreturn void *pass_consume(void *unused)
{
	(void)unused;
	pass_bind(1);
	for (uint64_t position = 0;; position++) {
		for (unsigned spins = 0; position == pass_ring.produced_seen; pass_wait(&spins))
			/* pairs with the release in pass_loop */
			pass_ring.produced_seen = atomic_load_explicit(&pass_ring.produced, memory_order_acquire);
		uint64_t *object = pass_ring.slots[position % PASS_SLOTS];
		if (*object != position) {
			fprintf(stderr, "object %p holds %llu, not %llu: handed out twice\n", (void *)object,
			    (unsigned long long)*object, (unsigned long long)position);
			exit(1);
		}
		free(object);
		/* pairs with the acquires in pass_loop */
		atomic_store_explicit(&pass_ring.consumed, position + 1, memory_order_release);
	}
}

static void pass_loop(size_t size_bytes, uint64_t turns)
{
	static uint64_t position; /* goes on from sample to sample, as the consumer's does */
	unsigned spins = 0;

	for (uint64_t turn = 0; turn < turns; turn++, position++) {
		uint64_t *object = sample_malloc(size_bytes);
		*object = position;
		while (position - pass_ring.consumed_seen == PASS_SLOTS) {
			pass_ring.consumed_seen = atomic_load_explicit(&pass_ring.consumed, memory_order_acquire);
			pass_wait(&spins);
		}
		pass_ring.slots[position % PASS_SLOTS] = object;
		atomic_store_explicit(&pass_ring.produced, position + 1, memory_order_release);
	}
	/* A sample ends when its last object has been freed. */
	while (atomic_load_explicit(&pass_ring.consumed, memory_order_acquire) != position)
		pass_wait(&spins);
}

int main(int argc, char **argv)
{
	pthread_t consumer;
	if (pthread_create(&consumer, NULL, pass_consume, NULL) != 0) {
		fprintf(stderr, "no second thread\n");
		return 1;
	}
	pass_bind(0); /* after the thread, which would inherit it */
	return sample_main(argc, argv, pass_loop, 1); /* returning from main ends the consumer */
}

/*
 * idle [THREADS]: what a program keeps that has freed everything and sleeps.
 *
 * Pattern: 50 MiB each of objects of 64 B, 1 KiB, 4 KiB and 32 KiB are allocated one size after the other and
 * written whole, then all freed in the same order, then nothing happens for 3 seconds. Without THREADS, or
 * with 0, main does it; else every one of THREADS does its share and sleeps on: nothing ends that could give
 * back what it has cached.
 * Prints start_kib= live_kib= freed_kib= after1_kib= after2_kib= after3_kib=, all of it resident memory. At
 * the start the threads are there and the table of the objects is resident: what is over it is the allocator's.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/resident.h"

enum {
	IDLE_SIZES = 4,
	IDLE_BYTES_EACH = 50 << 20,
	IDLE_SECONDS = 3,
	IDLE_MAX_THREADS = 64,
	IDLE_STACK_BYTES = 65536,
	IDLE_COUNT = IDLE_BYTES_EACH / 64 + IDLE_BYTES_EACH / 1024 + IDLE_BYTES_EACH / 4096 + IDLE_BYTES_EACH / 32768,
};

static const size_t idle_sizes[IDLE_SIZES] = { 64, 1024, 4096, 32768 };

static void *idle_objects[IDLE_COUNT];
static pthread_barrier_t idle_barrier;
static unsigned idle_threads = 1;

/* Allocates and writes, or frees, part `part` of `idle_threads` of the objects. */
static void idle_walk(unsigned part, int allocate)
{
	size_t first = 0;

	for (int i = 0; i < IDLE_SIZES; i++) {
		size_t count = IDLE_BYTES_EACH / idle_sizes[i];
		for (size_t k = count * part / idle_threads; k < count * (part + 1) / idle_threads; k++) {
			void **object = &idle_objects[first + k];
			if (!allocate) {
				free(*object);
				continue;
			}
			*object = checked_malloc(idle_sizes[i]);
			memset(*object, 0x5a, idle_sizes[i]);
		}
		first += count;
	}
}

/* One wait at every step's beginning and one at its end, in step with idle_step. */
static _Noreturn void *idle_thread(void *part)
{
	for (int allocate = 1; allocate >= 0; allocate--) {
		pthread_barrier_wait(&idle_barrier);
		idle_walk((unsigned)(uintptr_t)part, allocate);
		pthread_barrier_wait(&idle_barrier);
	}
	for (;;)
		pause();
}

static void idle_step(int with_threads, int allocate)
{
	if (!with_threads) {
		idle_walk(0, allocate);
		return;
	}
	pthread_barrier_wait(&idle_barrier);
	pthread_barrier_wait(&idle_barrier);
}

static void idle_start_threads(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_barrier_init(&idle_barrier, NULL, idle_threads + 1);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, IDLE_STACK_BYTES);
	for (uintptr_t part = 0; part < idle_threads; part++) {
		if (pthread_create(&thread, &attributes, idle_thread, (void *)part) != 0) {
			fprintf(stderr, "no thread %zu\n", (size_t)part);
			exit(1);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long wanted = 0;
	unsigned long after_kib[IDLE_SECONDS + 1];

	if (argc > 1) {
		char *end;
		wanted = strtoul(argv[1], &end, 10);
		if (argc > 2 || end == argv[1] || *end != '\0' || wanted > IDLE_MAX_THREADS) {
			fprintf(
			    stderr, "usage: idle [THREADS]  (0 to %d; 0, the default: main alone)\n", IDLE_MAX_THREADS);
			return 2;
		}
	}
	memset(idle_objects, 0xff, sizeof idle_objects);
	if (wanted > 0) {
		idle_threads = (unsigned)wanted;
		idle_start_threads();
	}

	unsigned long start_kib = resident_now_kib();
	idle_step(wanted > 0, 1);
	unsigned long live_kib = resident_now_kib();
	idle_step(wanted > 0, 0);
	uint64_t freed_ns = clock_now_ns(CLOCK_MONOTONIC);
	for (unsigned second = 0; second <= IDLE_SECONDS; second++) {
		clock_sleep_until_ns(freed_ns + second * UINT64_C(1000000000));
		after_kib[second] = resident_now_kib();
	}
	printf("start_kib=%lu live_kib=%lu freed_kib=%lu after1_kib=%lu after2_kib=%lu after3_kib=%lu\n", start_kib,
	    live_kib, after_kib[0], after_kib[1], after_kib[2], after_kib[3]);
	return 0; /* ends the threads */
}

/*
 * crowd [THREADS [together|apart|empty]]: what many threads cost that each need little.
 *
 * Pattern: every thread keeps 64 objects of 16 B to 16 KiB, small ones more often (every doubling of the size
 * is as likely), and replaces one at random 2,000 times; their first bytes are written. Then it frees all of
 * them and sleeps; all THREADS (default 1000) are alive from before the first malloc to the end.
 *   together  no thread frees its 64 before every other has its own
 *   apart     every thread frees them as soon as it is done
 *   empty     the threads do nothing: what they themselves take
 * Prints seconds=ELAPSED peak_kib= after0_kib= after1_kib= after2_kib= after3_kib= live_kib=
 * floor_kib=
 *   seconds   from the moment all threads exist until the last has freed
 *   after..   resident so many seconds later; peak_kib is until then
 *   live      bytes of all the objects alive when the last replacement is done; floor: of those no more than a
 *             page of each, the least that together can have resident beside what empty has
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/resident.h"

enum {
	CROWD_OBJECTS = 64,
	CROWD_REPLACEMENTS = 2000,
	CROWD_MIN_SHIFT = 4, /* 16 B */
	CROWD_DOUBLINGS = 10, /* to 16 KiB */
	CROWD_WRITTEN_BYTES = 16,
	CROWD_STACK_BYTES = 65536,
	CROWD_MAX_THREADS = 10000,
	CROWD_PAGE_BYTES = 4096,
	CROWD_SECONDS = 3,
};

enum crowd_mode { CROWD_TOGETHER, CROWD_APART, CROWD_EMPTY, CROWD_MODES };
static const char *const crowd_modes[CROWD_MODES] = { "together", "apart", "empty" };

static enum crowd_mode crowd_mode;
static pthread_barrier_t crowd_started, crowd_holding, crowd_freed;
static _Atomic size_t crowd_live_bytes, crowd_floor_bytes;

static uint64_t crowd_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t crowd_size(uint64_t *state)
{
	uint64_t number = crowd_random(state);
	size_t low = (size_t)1 << (CROWD_MIN_SHIFT + number % CROWD_DOUBLINGS);
	return low + (number >> 32) % low + 1;
}

static void *crowd_object(size_t size_bytes)
{
	void *object = checked_malloc(size_bytes);
	memset(object, 0x5a, CROWD_WRITTEN_BYTES);
	return object;
}

static void crowd_churn(uint64_t *state)
{
	void *objects[CROWD_OBJECTS];
	size_t sizes[CROWD_OBJECTS];
	size_t live = 0, least = 0;

	for (int i = 0; i < CROWD_OBJECTS; i++)
		objects[i] = crowd_object(sizes[i] = crowd_size(state));
	for (int i = 0; i < CROWD_REPLACEMENTS; i++) {
		uint64_t slot = crowd_random(state) % CROWD_OBJECTS;
		free(objects[slot]);
		objects[slot] = crowd_object(sizes[slot] = crowd_size(state));
	}
	for (int i = 0; i < CROWD_OBJECTS; i++) {
		live += sizes[i];
		least += sizes[i] < CROWD_PAGE_BYTES ? sizes[i] : CROWD_PAGE_BYTES;
	}
	atomic_fetch_add_explicit(&crowd_live_bytes, live, memory_order_relaxed);
	atomic_fetch_add_explicit(&crowd_floor_bytes, least, memory_order_relaxed);
	if (crowd_mode == CROWD_TOGETHER)
		pthread_barrier_wait(&crowd_holding);
	for (int i = 0; i < CROWD_OBJECTS; i++)
		free(objects[i]);
}

static _Noreturn void *crowd_thread(void *number)
{
	uint64_t state = ((uintptr_t)number + 1) * UINT64_C(0x9e3779b97f4a7c15);

	pthread_barrier_wait(&crowd_started);
	if (crowd_mode != CROWD_EMPTY)
		crowd_churn(&state);
	pthread_barrier_wait(&crowd_freed);
	for (;;)
		pause();
}

static _Noreturn void crowd_usage(void)
{
	fprintf(stderr, "usage: crowd [THREADS [together|apart|empty]]  (1 to %d, default 1000; together)\n",
	    CROWD_MAX_THREADS);
	exit(2);
}

int main(int argc, char **argv)
{
	unsigned long threads = 1000;
	unsigned long after_kib[CROWD_SECONDS + 1];
	pthread_attr_t attributes;
	pthread_t thread;

	if (argc > 3)
		crowd_usage();
	if (argc > 1) {
		char *end;
		threads = strtoul(argv[1], &end, 10);
		if (end == argv[1] || *end != '\0' || threads < 1 || threads > CROWD_MAX_THREADS)
			crowd_usage();
	}
	if (argc > 2) {
		while (crowd_mode < CROWD_MODES && strcmp(argv[2], crowd_modes[crowd_mode]) != 0)
			crowd_mode++;
		if (crowd_mode == CROWD_MODES)
			crowd_usage();
	}

	pthread_barrier_init(&crowd_started, NULL, (unsigned)threads + 1);
	pthread_barrier_init(&crowd_holding, NULL, (unsigned)threads);
	pthread_barrier_init(&crowd_freed, NULL, (unsigned)threads + 1);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, CROWD_STACK_BYTES);
	for (uintptr_t number = 0; number < threads; number++) {
		if (pthread_create(&thread, &attributes, crowd_thread, (void *)number) != 0) {
			fprintf(stderr, "no thread %zu\n", (size_t)number);
			return 1;
		}
	}
	uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);
	pthread_barrier_wait(&crowd_started);
	pthread_barrier_wait(&crowd_freed);
	uint64_t freed_ns = clock_now_ns(CLOCK_MONOTONIC);
	for (unsigned second = 0; second <= CROWD_SECONDS; second++) {
		clock_sleep_until_ns(freed_ns + second * UINT64_C(1000000000));
		after_kib[second] = resident_now_kib();
	}
	printf("seconds=%.4f peak_kib=%lu after0_kib=%lu after1_kib=%lu after2_kib=%lu after3_kib=%lu live_kib=%zu "
	       "floor_kib=%zu\n",
	    (double)(freed_ns - from_ns) / 1e9, resident_peak_kib(), after_kib[0], after_kib[1], after_kib[2],
	    after_kib[3], atomic_load(&crowd_live_bytes) / 1024, atomic_load(&crowd_floor_bytes) / 1024);
	return 0; /* ends the threads */
}

/*
 * pause THREADS [SECONDS [trim]]: how long one malloc and its free take, the slowest included.
 *
 * Pattern: every thread takes and frees an object of 4 KiB in a tight loop and times every such pair. What
 * turns the generations of the allocator meanwhile is its own timer (TIDEPOOL_TICK=10ms) or nothing
 * (TIDEPOOL_TICK=0); or, with `trim`, a further thread that calls malloc_trim(0), which turns twice, every
 * 10 ms: then it is known which pairs began during a turn, and only those count. (Not those that ended in one:
 * of 64 threads on 2 CPUs, 62 wait for a CPU at any time, many of them in a pair, and every turn would find them.)
 * Prints p50_ns= p99_ns= p999_ns= max_ns= operations= turns=COUNT-OF-MALLOC_TRIM clock_ns=COST.
 * A pair's time has the clock's in it, and that of other threads that had the CPU: compare with a run without
 * turns. Percentiles are the upper ends of buckets 6 % wide; the maximum is exact.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"

enum {
	PAUSE_SIZE_BYTES = 4096,
	PAUSE_MAX_THREADS = 256,
	PAUSE_STACK_BYTES = 65536,
	PAUSE_TRIM_NS = 10000000,
	PAUSE_ENOUGH = 1000, /* pairs, for ten beyond the 99th percentile */
	PAUSE_STEP_SHIFT = 4, /* buckets in a doubling, as a shift */
	PAUSE_STEPS = 1 << PAUSE_STEP_SHIFT,
	PAUSE_BUCKETS = (64 - PAUSE_STEP_SHIFT + 1) * PAUSE_STEPS,
	PAUSE_LINE_BYTES = 64,
};

struct pause_thread {
	_Alignas(PAUSE_LINE_BYTES) _Atomic uint64_t operations; /* written by its thread alone */
	uint64_t max;
	uint64_t counts[PAUSE_BUCKETS];
};

static struct pause_thread pause_threads[PAUSE_MAX_THREADS];
static pthread_barrier_t pause_barrier;
static bool pause_trim; /* written before the threads start */
static _Alignas(PAUSE_LINE_BYTES) _Atomic uint32_t pause_turns; /* odd: one is under way */
static _Alignas(PAUSE_LINE_BYTES) _Atomic bool pause_stop;

/* Time in units of the fastest clock there is. */
static inline uint64_t pause_now(void)
{
#if defined(__x86_64__)
	unsigned unused;
	return __builtin_ia32_rdtscp(&unused);
#else
	return clock_now_ns(CLOCK_MONOTONIC);
#endif
}

/* Units in a nanosecond; takes 50 ms. */
static double pause_calibrate(void)
{
	uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);
	uint64_t from = pause_now();
	clock_sleep_until_ns(from_ns + 50000000);
	uint64_t to_ns = clock_now_ns(CLOCK_MONOTONIC);
	return (double)(pause_now() - from) / (double)(to_ns - from_ns);
}

/* Values under PAUSE_STEPS have a bucket each; above, every doubling has PAUSE_STEPS. */
static inline unsigned pause_bucket(uint64_t value)
{
	if (value < PAUSE_STEPS)
		return (unsigned)value;
	unsigned shift = 63 - (unsigned)__builtin_clzll(value) - PAUSE_STEP_SHIFT;
	return (shift << PAUSE_STEP_SHIFT) + (unsigned)(value >> shift);
}

/* The largest value of a bucket. */
static double pause_bucket_end(unsigned bucket)
{
	if (bucket < PAUSE_STEPS)
		return bucket;
	unsigned shift = (bucket >> PAUSE_STEP_SHIFT) - 1;
	return (double)(((uint64_t)(bucket % PAUSE_STEPS + PAUSE_STEPS + 1) << shift) - 1);
}

static void *pause_run(void *own)
{
	struct pause_thread *thread = own;
	uint64_t operations = 0;

	for (int i = 0; i < 1000; i++)
		free(checked_malloc(PAUSE_SIZE_BYTES));
	pthread_barrier_wait(&pause_barrier);
	while (!atomic_load_explicit(&pause_stop, memory_order_relaxed)) {
		/* pairs with the stores of pause_turn */
		uint32_t turn = atomic_load_explicit(&pause_turns, memory_order_acquire);
		uint64_t from = pause_now();
		free(checked_malloc(PAUSE_SIZE_BYTES));
		uint64_t taken = pause_now() - from;
		if (pause_trim && turn % 2 == 0)
			continue;
		thread->counts[pause_bucket(taken)]++;
		atomic_store_explicit(&thread->operations, ++operations, memory_order_relaxed);
		if (taken > thread->max)
			thread->max = taken;
	}
	return NULL;
}

static uint64_t pause_operations(void)
{
	uint64_t operations = 0;

	for (int i = 0; i < PAUSE_MAX_THREADS; i++)
		operations += atomic_load_explicit(&pause_threads[i].operations, memory_order_relaxed);
	return operations;
}

/*
 * Waits for `length_ns`; with `trim` turns every 10 ms meanwhile, and on for up to ten times as long until pairs
 * enough have begun in a turn: on a busy machine the other threads may not run during any.
 */
static void pause_turn(uint64_t length_ns)
{
	uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);

	if (!pause_trim)
		clock_sleep_until_ns(from_ns + length_ns);
	for (uint64_t now; pause_trim && (now = clock_now_ns(CLOCK_MONOTONIC)) < from_ns + 10 * length_ns;) {
		if (now >= from_ns + length_ns && pause_operations() >= PAUSE_ENOUGH)
			break;
		/* both pair with the loads of pause_run */
		atomic_fetch_add_explicit(&pause_turns, 1, memory_order_acq_rel);
		malloc_trim(0);
		atomic_fetch_add_explicit(&pause_turns, 1, memory_order_acq_rel);
		clock_sleep_until_ns(now + PAUSE_TRIM_NS);
	}
	atomic_store_explicit(&pause_stop, true, memory_order_relaxed);
}

/* In clock units; a bucket's end may lie past the largest value. */
static double pause_percentile(const struct pause_thread *all, uint64_t operations, double share)
{
	uint64_t wanted = (uint64_t)((double)operations * share), seen = 0;
	unsigned bucket;

	for (bucket = 0; bucket < PAUSE_BUCKETS - 1; bucket++) {
		seen += all->counts[bucket];
		if (seen > wanted)
			break;
	}
	double end = pause_bucket_end(bucket);
	return end < (double)all->max ? end : (double)all->max;
}

static _Noreturn void pause_usage(void)
{
	fprintf(stderr, "usage: pause THREADS [SECONDS [trim]]  (threads 1 to %d, seconds up to 600, default 2)\n",
	    PAUSE_MAX_THREADS);
	exit(2);
}

int main(int argc, char **argv)
{
	static struct pause_thread all;
	static pthread_t ids[PAUSE_MAX_THREADS];
	pthread_attr_t attributes;
	char *end;

	pause_trim = argc > 3;
	if (argc < 2 || argc > 4 || (pause_trim && strcmp(argv[3], "trim") != 0))
		pause_usage();
	unsigned long threads = strtoul(argv[1], &end, 10);
	if (end == argv[1] || *end != '\0' || threads < 1 || threads > PAUSE_MAX_THREADS)
		pause_usage();
	double seconds = 2;
	if (argc > 2) {
		seconds = strtod(argv[2], &end);
		if (end == argv[2] || *end != '\0' || !(seconds > 0 && seconds <= 600))
			pause_usage();
	}

	double per_ns = pause_calibrate();
	uint64_t from = pause_now();
	for (int i = 0; i < 1000; i++)
		pause_now();
	double clock_ns = (double)(pause_now() - from) / 1000 / per_ns;

	pthread_barrier_init(&pause_barrier, NULL, (unsigned)threads + 1);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PAUSE_STACK_BYTES);
	for (unsigned i = 0; i < threads; i++) {
		if (pthread_create(&ids[i], &attributes, pause_run, &pause_threads[i]) != 0) {
			fprintf(stderr, "no thread %u\n", i);
			return 1;
		}
	}
	pthread_barrier_wait(&pause_barrier);
	pause_turn((uint64_t)(seconds * 1e9));
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		for (unsigned bucket = 0; bucket < PAUSE_BUCKETS; bucket++)
			all.counts[bucket] += pause_threads[i].counts[bucket];
		if (pause_threads[i].max > all.max)
			all.max = pause_threads[i].max;
	}
	uint64_t operations = pause_operations();
	if (operations == 0) {
		fprintf(stderr, "no pair began during any of %u turns: too few CPUs\n", atomic_load(&pause_turns) / 2);
		return 1;
	}
	printf("p50_ns=%.0f p99_ns=%.0f p999_ns=%.0f max_ns=%.0f operations=%llu turns=%u clock_ns=%.1f\n",
	    pause_percentile(&all, operations, 0.5) / per_ns, pause_percentile(&all, operations, 0.99) / per_ns,
	    pause_percentile(&all, operations, 0.999) / per_ns, (double)all.max / per_ns,
	    (unsigned long long)operations, atomic_load(&pause_turns) / 2, clock_ns);
	return 0;
}

/*
 * Timed samples of one loop, and their median.
 *
 * A program gives its loop as a function; sample_main() reads the arguments, warms the loop up, sizes a
 * sample to last a fixed time, takes SAMPLE_COUNT samples and prints one line of key=value pairs. The median
 * of short samples forgets the ones that another program disturbed.
 * One thread calls it. It allocates nothing until every sample has been taken.
 */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/checked.h"
#include "base/clock.h"
#include "base/resident.h"

enum { SAMPLE_COUNT = 25, SAMPLE_MAX_SIZE_BYTES = 65536 };

/* Runs `turns` turns of the measured loop on objects of `size_bytes` (or up to it). */
typedef void sample_loop(size_t size_bytes, uint64_t turns);

/* Makes the compiler forget where a pointer came from, so that no malloc/free pair is elided. */
static inline void *sample_hide(void *object)
{
	__asm__ volatile("" : "+r"(object) : : "memory");
	return object;
}

/* Allocates an object that the compiler does not elide. */
static inline void *sample_malloc(size_t size_bytes)
{
	return sample_hide(checked_malloc(size_bytes));
}

static inline int sample_compare(const void *left, const void *right)
{
	double a = *(const double *)left;
	double b = *(const double *)right;
	return (a > b) - (a < b);
}

static inline _Noreturn void sample_usage(const char *program)
{
	fprintf(stderr, "usage: %s SIZE_BYTES [SECONDS [WARMUP_SECONDS]]  (size 8 to %d, seconds up to 600)\n", program,
	    SAMPLE_MAX_SIZE_BYTES);
	exit(2);
}

static inline double sample_parse_seconds(const char *program, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);
	if (end == text || *end != '\0' || !(seconds > 0 && seconds <= 600))
		sample_usage(program);
	return seconds;
}

/*
 * Measures `loop` as the command line asks and prints
 *   ns=MEDIAN min=NS max=NS cpu_ns=NS samples=COUNT operations=COUNT peak_kib=KIB
 * all times per operation; cpu_ns is CPU time of all threads, over all samples.
 * operations_per_turn: operations in one turn of the loop, at least 1.
 */
static inline int sample_main(int argc, char **argv, sample_loop *loop, unsigned operations_per_turn)
{
	if (argc < 2 || argc > 4)
		sample_usage(argv[0]);
	char *end;
	size_t size_bytes = strtoul(argv[1], &end, 10);
	if (end == argv[1] || *end != '\0' || size_bytes < 8 || size_bytes > SAMPLE_MAX_SIZE_BYTES)
		sample_usage(argv[0]);
	double seconds = argc > 2 ? sample_parse_seconds(argv[0], argv[2]) : 0.25;
	double warmup_seconds = argc > 3 ? sample_parse_seconds(argv[0], argv[3]) : 0.05;

	/* The warm-up doubles the turns until one call takes a sample's time, then repeats it. */
	double sample_ns = seconds * 1e9 / SAMPLE_COUNT;
	uint64_t turns = 1;
	uint64_t warm_from_ns = clock_now_ns(CLOCK_MONOTONIC);
	for (;;) {
		uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);
		loop(size_bytes, turns);
		uint64_t to_ns = clock_now_ns(CLOCK_MONOTONIC);
		double taken_ns = (double)(to_ns - from_ns);
		if (taken_ns < sample_ns / 2) {
			turns *= 2;
			continue;
		}
		if ((double)(to_ns - warm_from_ns) >= warmup_seconds * 1e9) {
			turns = (uint64_t)((double)turns * sample_ns / taken_ns) + 1;
			break;
		}
	}

	double operations = (double)turns * operations_per_turn;
	double ns[SAMPLE_COUNT];
	uint64_t cpu_from_ns = clock_now_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (int i = 0; i < SAMPLE_COUNT; i++) {
		uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);
		loop(size_bytes, turns);
		ns[i] = (double)(clock_now_ns(CLOCK_MONOTONIC) - from_ns) / operations;
	}
	double cpu_ns = (double)(clock_now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_from_ns) / (operations * SAMPLE_COUNT);

	qsort(ns, SAMPLE_COUNT, sizeof ns[0], sample_compare);
	printf("ns=%.3f min=%.3f max=%.3f cpu_ns=%.3f samples=%d operations=%.0f peak_kib=%lu\n", ns[SAMPLE_COUNT / 2],
	    ns[0], ns[SAMPLE_COUNT - 1], cpu_ns, SAMPLE_COUNT, operations * SAMPLE_COUNT, resident_peak_kib());
	return 0;
}

#endif

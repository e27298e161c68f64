/*
 * One operation of a guide, over and over: numbers of nanoseconds out.
 *
 * A program gives operation_main() a function that does one operation and returns something that depends on its
 * result. A tenth as many warm it up first. The time is that of all operations together, as Go's testing package
 * takes it, so that the two can be compared.
 */
#ifndef BENCH_OPERATION_H
#define BENCH_OPERATION_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/clock.h"

/* Does operation `number` and returns something that depends on its result. */
typedef uint64_t operation(uint64_t number);

/* Returns the last argument, the number of operations. */
static inline uint64_t operation_count(int argc, char **argv, const char *usage)
{
	char *end = NULL;
	uint64_t count = argc > 1 ? strtoull(argv[argc - 1], &end, 10) : 0;
	if (count < 10 || count > 10000000000u || *end != '\0') {
		fprintf(stderr, "usage: %s  (10 to 10000000000 operations)\n", usage);
		exit(2);
	}
	return count;
}

/* Prints the line of a program: `all` operations, with those that warmed up; the sum says what they computed. */
static inline void operation_report(uint64_t taken_ns, uint64_t count, uint64_t all, uint64_t sum)
{
	printf("ns=%.3f operations=%llu all_operations=%llu sum=%016llx\n", (double)taken_ns / (double)count,
	    (unsigned long long)count, (unsigned long long)all, (unsigned long long)sum);
}

static inline int operation_main(uint64_t count, operation *run)
{
	uint64_t sum = 0;
	for (uint64_t i = 0; i < count / 10; i++)
		sum += run(i);
	uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);
	for (uint64_t i = 0; i < count; i++)
		sum += run(i);
	operation_report(clock_now_ns(CLOCK_MONOTONIC) - from_ns, count, count + count / 10, sum);
	return 0;
}

#endif

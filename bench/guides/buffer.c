/*
 * buffer alone|parallel|batch OPERATIONS: a buffer of 4,096 bytes taken, written to and given back.
 *
 * Source: the first benchmark of nearly every guide to sync.Pool: make([]byte, 4096) in a loop, in RunParallel, and
 * with many taken before any is given back.
 * Pattern: alone: one buffer at a time. parallel: the same by a thread for each CPU, the operations divided among
 * them. batch: one operation takes 64 and then gives them all back. The first, a middle and the last byte are written.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>

#include "operation.h"

enum { BUFFER_BYTES = 4096, BUFFER_BATCH = 64, BUFFER_MAX_THREADS = 64 };

static const char buffer_usage[] = "buffer alone|parallel|batch OPERATIONS";

static unsigned char *buffer_take(uint64_t number)
{
	unsigned char *buffer = checked_malloc(BUFFER_BYTES);
	buffer[0] = buffer[BUFFER_BYTES / 2] = buffer[BUFFER_BYTES - 1] = (unsigned char)number;
	__asm__ volatile("" : : "r"(buffer) : "memory"); /* someone might read them */
	return buffer;
}

static uint64_t buffer_give(unsigned char *buffer)
{
	uint64_t value = buffer[BUFFER_BYTES / 2];
	free(buffer);
	return value;
}

static uint64_t buffer_alone(uint64_t number)
{
	return buffer_give(buffer_take(number));
}

static uint64_t buffer_batch(uint64_t number)
{
	unsigned char *buffers[BUFFER_BATCH];
	uint64_t sum = 0;
	for (unsigned i = 0; i < BUFFER_BATCH; i++)
		buffers[i] = buffer_take(number + i);
	for (unsigned i = 0; i < BUFFER_BATCH; i++)
		sum += buffer_give(buffers[i]);
	return sum;
}

struct buffer_share {
	pthread_t thread;
	uint64_t count;
	uint64_t sum;
};

static void *buffer_run(void *context)
{
	struct buffer_share *share = context;
	uint64_t sum = 0;
	for (uint64_t i = 0; i < share->count; i++)
		sum += buffer_alone(i);
	share->sum = sum;
	return NULL;
}

/* Starting and ending the threads is in the time, as it is in RunParallel's. */
static int buffer_parallel(uint64_t count)
{
	struct buffer_share shares[BUFFER_MAX_THREADS];
	cpu_set_t allowed;
	unsigned threads = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? (unsigned)CPU_COUNT(&allowed) : 1;
	uint64_t sum = 0;

	if (threads > BUFFER_MAX_THREADS)
		threads = BUFFER_MAX_THREADS;
	uint64_t from_ns = clock_now_ns(CLOCK_MONOTONIC);
	for (unsigned i = 0; i < threads; i++) {
		shares[i].count = count * (i + 1) / threads - count * i / threads;
		if (pthread_create(&shares[i].thread, NULL, buffer_run, &shares[i]) != 0)
			checked_fail("cannot start a thread");
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(shares[i].thread, NULL);
		sum += shares[i].sum;
	}
	operation_report(clock_now_ns(CLOCK_MONOTONIC) - from_ns, count, count, sum);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count = operation_count(argc, argv, buffer_usage);
	if (argc == 3 && strcmp(argv[1], "alone") == 0)
		return operation_main(count, buffer_alone);
	if (argc == 3 && strcmp(argv[1], "batch") == 0)
		return operation_main(count, buffer_batch);
	if (argc == 3 && strcmp(argv[1], "parallel") == 0)
		return buffer_parallel(count);
	fprintf(stderr, "usage: %s\n", buffer_usage);
	return 2;
}

/*
 * A fixed amount of work: numbers in, one line out.
 *
 * A program of the suite reads its numbers with work_argument(), does exactly that much, whatever the
 * allocator, and ends with work_report(). What it reports depends on the arguments alone, not on the order in
 * which threads ran, so that the runner notices an allocator that gives out wrong memory. Objects that pass
 * from hand to hand are made by work_take(), which marks both of their ends, and end in work_give().
 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

enum {
	WORK_MAX_THREADS = 64,
	WORK_MIN_OBJECT_BYTES = 16,
};

/* An object that can tell whether it is whole. Its last byte is written too; what lies between is not. */
struct work_object {
	uint32_t size_bytes;
	uint32_t number;
	struct work_object *next; /* for whoever holds it */
};

/* Returns argument `index` (1 on) as a number from lowest to highest, or ends the program with the usage. */
static inline unsigned long work_argument(
    int argc, char **argv, int index, const char *usage, unsigned long lowest, unsigned long highest)
{
	char *end = NULL;
	unsigned long value = index < argc ? strtoul(argv[index], &end, 10) : 0;
	if (index >= argc || *end != '\0' || end == argv[index] || value < lowest || value > highest) {
		fprintf(stderr, "usage: %s (argument %d: %lu to %lu)\n", usage, index, lowest, highest);
		exit(2);
	}
	return value;
}

/* Prints the one line of a program: how much it did, and a sum over what it found. */
static inline void work_report(uint64_t operations, uint64_t sum)
{
	printf("operations=%llu sum=%016llx\n", (unsigned long long)operations, (unsigned long long)sum);
}

/* xorshift64* (Vigna 2016); the state is any number but 0. */
static inline uint64_t work_random(uint64_t *state)
{
	uint64_t x = *state;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545f4914f6cdd1du;
}

/* Returns a number from lowest to highest, evenly spread. */
static inline uint32_t work_between(uint64_t *state, uint32_t lowest, uint32_t highest)
{
	return lowest + (uint32_t)(((work_random(state) >> 32) * (highest - lowest + 1ull)) >> 32);
}

/* The state to begin with for one of several threads. */
static inline uint64_t work_seed(uint64_t number)
{
	return (number + 1) * 0x9e3779b97f4a7c15u;
}

/* Spreads a value over 64 bits, so that sums tell values apart. */
static inline uint64_t work_mix(uint64_t value)
{
	value = (value ^ (value >> 31)) * 0xbf58476d1ce4e5b9u;
	return value ^ (value >> 29);
}

/* Takes an object of at least WORK_MIN_OBJECT_BYTES. Owned by the caller until work_give(). */
static inline struct work_object *work_take(uint32_t size_bytes, uint32_t number)
{
	struct work_object *object = checked_malloc(size_bytes);
	object->size_bytes = size_bytes;
	object->number = number;
	if (size_bytes > sizeof *object)
		((unsigned char *)object)[size_bytes - 1] = (unsigned char)(number ^ size_bytes);
	return object;
}

/* Frees an object. Returns what it adds to the program's sum. Stops the program if the object is not whole. */
static inline uint64_t work_give(struct work_object *object)
{
	uint32_t size_bytes = object->size_bytes;
	uint32_t number = object->number;
	if (size_bytes > sizeof *object &&
	    ((unsigned char *)object)[size_bytes - 1] != (unsigned char)(number ^ size_bytes))
		checked_fail("the last byte of an object is not what was written there");
	free(object);
	return work_mix((uint64_t)number << 32 | size_bytes);
}

static inline uint64_t work_give_if_any(struct work_object *object)
{
	return object == NULL ? 0 : work_give(object);
}

static inline void work_start(pthread_t *thread, void *(*run)(void *), void *context)
{
	if (pthread_create(thread, NULL, run, context) != 0)
		checked_fail("cannot start a thread");
}

/* Runs `count` threads at once, each on its element of `contexts`, and waits for all. */
static inline void work_run_threads(unsigned count, void *(*run)(void *), void *contexts, size_t context_bytes)
{
	pthread_t threads[WORK_MAX_THREADS];
	for (unsigned i = 0; i < count; i++)
		work_start(&threads[i], run, (char *)contexts + i * context_bytes);
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

#endif

/*
 * Live samples: the sampled objects that are allocated now, by address, each with what was noted of it.
 *
 * The profile and the histogram choose their samples by different rules, and each has a table of its own. A table is
 * bounded: an object that finds no room is not remembered, and the caller counts it. Any thread may call, also in a
 * signal handler: there is no lock. An object's place is written by the thread that owns the object alone. In a forked
 * child a place that a lost thread was writing stays taken.
 */
#ifndef TP_LIVE_SAMPLES_H
#define TP_LIVE_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is noted of an object. Each user of a table fills in what it needs. */
struct tp_live_sample {
	uint64_t bytes; /* as the program asked */
	uint64_t born_ns; /* CLOCK_MONOTONIC; above 0 in the histogram's */
	uint32_t group; /* the profile's: number of its site; the histogram's: its class */
	uint32_t process; /* how many forks lay between the program's start and the allocation */
};

struct tp_live_samples {
	unsigned shift; /* log2 of the number of buckets */
	struct tp_live_samples_bucket *buckets;
};

#define TP_LIVE_SAMPLES_BUCKET 8U /* objects of a bucket */

/*
 * Map a table of 2^@shift buckets, of which only what is used takes memory.
 * Returns false if there is no memory.
 */
bool tp_live_samples_start(struct tp_live_samples *table, unsigned shift);

/* Forget all objects. Threads: a process with one, such as a forked child. */
void tp_live_samples_clear(struct tp_live_samples *table);

/*
 * Remember an object that the calling thread was just given, or is about to give back.
 * Returns false if there is no room. Cost: a cache line or two.
 */
bool tp_live_samples_add(struct tp_live_samples *table, const void *address, const struct tp_live_sample *object);

/*
 * Forget the object at @address, and copy what was noted to *@object.
 * Returns false if it is not in the table; then all of *@object is 0. Cost: a cache line if it is not there.
 */
bool tp_live_samples_remove(struct tp_live_samples *table, const void *address, struct tp_live_sample *object);

#endif

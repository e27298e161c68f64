/*
 * glibc_simple ROUNDS: as many objects of one size as a program holds at a time, then all of them freed.
 *
 * Source: benchtests/bench-malloc-simple.c of glibc.
 * Pattern: for each of 16, 64, 256 and 1,024 bytes, and for 25, 100, 400 and 1,600 objects at a time: take them
 * all, free half of them first to last and half last to first, ROUNDS times over. Three times: by a program
 * that has no threads yet, by main beside a thread that waits, and by a thread.
 */
#include "work.h"

enum { SIMPLE_MAX_OBJECTS = 1600 };

static const char simple_usage[] = "glibc_simple ROUNDS";
static const unsigned simple_counts[] = { 25, 100, 400, SIMPLE_MAX_OBJECTS };
static const uint32_t simple_sizes[] = { 16, 64, 256, 1024 };

static unsigned long simple_rounds;
static pthread_mutex_t simple_hold = PTHREAD_MUTEX_INITIALIZER;

static uint64_t simple_pass(uint32_t size_bytes, unsigned count)
{
	struct work_object *objects[SIMPLE_MAX_OBJECTS];
	uint64_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		objects[i] = work_take(size_bytes, i);
	for (unsigned i = 0; i < count / 2; i++)
		sum += work_give(objects[i]);
	for (unsigned i = count; i-- > count / 2;)
		sum += work_give(objects[i]);
	return sum;
}

static uint64_t simple_all(void)
{
	uint64_t sum = 0;
	for (size_t size = 0; size < sizeof simple_sizes / sizeof simple_sizes[0]; size++)
		for (size_t count = 0; count < sizeof simple_counts / sizeof simple_counts[0]; count++)
			/* As many objects in each of them. */
			for (unsigned long i = 0; i < simple_rounds * SIMPLE_MAX_OBJECTS / simple_counts[count]; i++)
				sum += simple_pass(simple_sizes[size], simple_counts[count]);
	return sum;
}

static void *simple_wait(void *unused)
{
	pthread_mutex_lock(&simple_hold);
	pthread_mutex_unlock(&simple_hold);
	return unused;
}

static void *simple_run(void *sum)
{
	*(uint64_t *)sum += simple_all();
	return NULL;
}

int main(int argc, char **argv)
{
	simple_rounds = work_argument(argc, argv, 1, simple_usage, 1, 1000000);

	uint64_t sum = simple_all();
	pthread_t other;
	pthread_mutex_lock(&simple_hold);
	work_start(&other, simple_wait, NULL);
	sum += simple_all();
	pthread_mutex_unlock(&simple_hold);
	pthread_join(other, NULL);
	work_run_threads(1, simple_run, &sum, sizeof sum);
	work_report(3ull * 4 * 4 * simple_rounds * SIMPLE_MAX_OBJECTS, sum);
	return 0;
}

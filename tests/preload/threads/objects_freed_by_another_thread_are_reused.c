/*
 * One thread allocates and another frees, 8 GiB in all, in three sizes: the memory is used again
 * and the peak stays small.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "expect.h"

#define RING 1024
#define OBJECTS 600000

static _Atomic(char *) ring[RING];

static void *consume(void *argument)
{
	for (long i = 0; i < OBJECTS; i++) {
		char *object;
		while (!(object = atomic_exchange(&ring[i % RING], NULL)))
			sched_yield();
		EXPECT(object[0] == (char)i, "object %ld has changed on its way", i);
		free(object);
	}
	return argument;
}

int main(void)
{
	static const size_t sizes[] = { 500, 4000, 40000 };
	pthread_t consumer;
	struct rusage usage;

	pthread_create(&consumer, NULL, consume, NULL);
	for (long i = 0; i < OBJECTS; i++) {
		size_t size = sizes[i % 3];
		char *object = malloc(size);
		EXPECT(object, "no memory for object %ld", i);
		memset(object, (int)i, size < 4096 ? size : 4096);
		while (atomic_load(&ring[i % RING]))
			sched_yield();
		atomic_store(&ring[i % RING], object);
	}
	pthread_join(consumer, NULL);
	getrusage(RUSAGE_SELF, &usage);
	EXPECT(usage.ru_maxrss < 400 << 10, "the peak is %ld KiB", usage.ru_maxrss);
	return 0;
}

/*
 * Threads on all CPUs allocate and free, then leave every CPU but the first, where they sleep: what
 * the pools of the other CPUs hold goes back as well.
 * @no-preload
 * @env TIDEPOOL_TICK=30ms
 */
#include <pthread.h>
#include <stdint.h>

#include "places.h"
#include "watch.h"

#define THREADS 6
#define OBJECTS 4000
#define SLACK_BYTES (6 << 20)

static pthread_barrier_t together;

static void *use_a_cpu(void *argument)
{
	static const size_t sizes[] = { 64, 1024, 4096, 20000 };
	unsigned number = (unsigned)(uintptr_t)argument;
	void **objects = malloc(OBJECTS * sizeof *objects);

	places_stay(0, number);
	for (int i = 0; i < OBJECTS; i++) {
		objects[i] = malloc(sizes[i % 4]);
		EXPECT(objects[i], "no memory");
		memset(objects[i], (int)number, sizes[i % 4]);
	}
	pthread_barrier_wait(&together); /* all is allocated */
	pthread_barrier_wait(&together); /* the test has looked */
	for (int i = 0; i < OBJECTS; i++)
		free(objects[i]);
	free(objects);
	places_stay(0, 0);
	pthread_barrier_wait(&together); /* all is free */
	pthread_barrier_wait(&together); /* the test has looked */
	return NULL;
}

static int body(void)
{
	pthread_t threads[THREADS];

	places_find();
	pthread_barrier_init(&together, NULL, THREADS + 1);
	long long resident = watch_resident();
	for (uintptr_t i = 0; i < THREADS; i++)
		EXPECT(pthread_create(&threads[i], NULL, use_a_cpu, (void *)i) == 0, "no thread");
	pthread_barrier_wait(&together);
	long long full = watch_resident();
	EXPECT(full - resident > 100 << 20, "the objects take %lld bytes", full - resident);
	pthread_barrier_wait(&together);
	pthread_barrier_wait(&together);

	watch_two_ticks();
	watch_until_resident(resident + SLACK_BYTES);
	pthread_barrier_wait(&together);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

int main(int argc, char **argv)
{
	return watch_run(argc, argv, body);
}

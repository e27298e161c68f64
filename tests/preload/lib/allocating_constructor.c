/*
 * A library that allocates in its constructor, registers fork handlers that allocate, and frees in
 * its destructor: what its program linked or preloaded it for, before and after its main.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static char *objects[300];
static char *fork_object;

int constructed_objects(void);

/* Count the objects of the constructor that are still as it left them. */
int constructed_objects(void)
{
	int count = 0;
	for (int i = 0; i < 300; i++)
		count += objects[i] && objects[i][0] == (char)i && objects[i][i * 7] == (char)i;
	return count;
}

static void allocate_in_fork(void)
{
	fork_object = realloc(fork_object, 3000);
	memset(fork_object, 1, 3000);
	free(malloc(100000));
}

__attribute__((constructor)) static void construct(void)
{
	for (int i = 0; i < 300; i++) {
		objects[i] = i % 3 ? malloc(i * 7 + 1) : calloc(1, i * 7 + 1);
		memset(objects[i], i, i * 7 + 1);
	}
	pthread_atfork(allocate_in_fork, allocate_in_fork, allocate_in_fork);
}

__attribute__((destructor)) static void destruct(void)
{
	for (int i = 0; i < 300; i++)
		free(objects[i]);
	free(malloc(5000));
}

/* A library that starts a thread before the preloaded library's constructor has run. */
#include <pthread.h>
#include <unistd.h>

int thread_in_constructor_started(void);

static int started;

static void *sleep_for_good(void *argument)
{
	for (;;)
		pause();
	return argument;
}

__attribute__((constructor)) static void start(void)
{
	pthread_t thread;

	started = pthread_create(&thread, NULL, sleep_for_good, NULL) == 0;
}

int thread_in_constructor_started(void)
{
	return started;
}

/*
 * Destructors of thread-specific data allocate, free and set their key again, as often as POSIX
 * lets them; a C++-like __cxa_thread_atexit destructor does too.
 */
#include "churn.h"

#define THREADS 400
#define AT_ONCE 8

extern int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *dso);
extern void *__dso_handle;

static pthread_key_t keys[8];
static atomic_int destroyed;

static void destroy(void *value)
{
	int *round = value;
	int left = *round - 1;

	free(value);
	free(calloc(3, 500));
	if (left > 0) {
		int *next = malloc(sizeof *next + (size_t)left * 1000);
		*next = left;
		pthread_setspecific(keys[left % 8], next);
	}
	destroyed++;
}

static void destroy_thread_local(void *value)
{
	free(realloc(value, 60000));
	destroyed++;
}

static void *live(void *argument)
{
	churn_steps(argument, 300);
	churn_finish(argument);
	for (int i = 0; i < 8; i++) {
		int *value = malloc(sizeof *value);
		*value = 3;
		pthread_setspecific(keys[i], value);
	}
	__cxa_thread_atexit_impl(destroy_thread_local, malloc(10), &__dso_handle);
	return NULL;
}

int main(void)
{
	static struct churn churns[AT_ONCE];
	pthread_t threads[AT_ONCE];

	churn_init_slots();
	for (int i = 0; i < 8; i++)
		EXPECT(pthread_key_create(&keys[i], destroy) == 0, "no key");
	for (int i = 0; i < THREADS / AT_ONCE; i++) {
		for (int j = 0; j < AT_ONCE; j++) {
			churn_init(&churns[j], 1 + i * AT_ONCE + j);
			EXPECT(pthread_create(&threads[j], NULL, live, &churns[j]) == 0, "no thread");
		}
		for (int j = 0; j < AT_ONCE; j++)
			pthread_join(threads[j], NULL);
		churn_finish_slots(); /* the records belong to churns that start afresh */
		churn_init_slots();
	}
	EXPECT(destroyed >= THREADS * 9, "only %d destructors ran", destroyed);
	return 0;
}

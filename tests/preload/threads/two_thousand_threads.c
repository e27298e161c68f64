/* 2,000 threads live at once; each allocates, passes objects on, frees what others allocated. */
#include "churn.h"

#define THREADS 2000
#define STACK_BYTES (64 << 10)

static pthread_barrier_t all_alive;

static void *live(void *argument)
{
	churn_steps(argument, 100);
	pthread_barrier_wait(&all_alive);
	churn_steps(argument, 100);
	pthread_barrier_wait(&all_alive); /* a record may lie with another churn: free when all are done */
	churn_finish(argument);
	return NULL;
}

int main(void)
{
	static struct churn churns[THREADS];
	static pthread_t threads[THREADS];
	pthread_attr_t attributes;

	churn_init_slots();
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_barrier_init(&all_alive, NULL, THREADS);
	for (unsigned i = 0; i < THREADS; i++) {
		churn_init(&churns[i], i + 1);
		int error = pthread_create(&threads[i], &attributes, live, &churns[i]);
		if (error == EAGAIN)
			SKIP("only %u threads can be made here", i);
		EXPECT(error == 0, "thread %u: %s", i, strerror(error));
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	churn_finish_slots();
	return 0;
}

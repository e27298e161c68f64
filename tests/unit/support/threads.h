/*
 * Threads of a unit test: several that start at once, or one that is watched until it sleeps.
 *
 * A thread only notes what is wrong; assertions belong to the test's own thread.
 */
#ifndef TEST_THREADS_H
#define TEST_THREADS_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define THREADS_MAX 16

struct thread {
	pthread_t id;
	void (*body)(unsigned number);
	unsigned number;
	pthread_barrier_t *together; /* NULL: starts alone */
	_Atomic pid_t tid;
	_Atomic bool done;
};

static inline void *thread_main(void *argument)
{
	struct thread *thread = argument;

	if (thread->together)
		pthread_barrier_wait(thread->together);
	atomic_store(&thread->tid, gettid());
	thread->body(thread->number);
	atomic_store(&thread->done, true);
	return NULL;
}

static inline void thread_start(struct thread *thread, void (*body)(unsigned number), unsigned number)
{
	*thread = (struct thread){ .body = body, .number = number };
	cr_assert_eq(pthread_create(&thread->id, NULL, thread_main, thread), 0);
}

static inline void thread_join(struct thread *thread)
{
	pthread_join(thread->id, NULL);
}

/* Wait until the thread sleeps in the kernel. Returns false when it ended instead. */
static inline bool thread_falls_asleep(struct thread *thread)
{
	char path[64], line[512];

	while (atomic_load(&thread->tid) == 0)
		sched_yield();
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)atomic_load(&thread->tid));
	while (!atomic_load(&thread->done)) {
		FILE *file = fopen(path, "r");
		const char *name_end = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;

		if (file)
			fclose(file);
		if (name_end && name_end[2] == 'S' && !atomic_load(&thread->done))
			return true;
		sched_yield();
	}
	return false;
}

/* Run @body in @count threads that start together, numbered from 0, and wait for all. */
static inline void threads_run(unsigned count, void (*body)(unsigned number))
{
	struct thread threads[THREADS_MAX];
	pthread_barrier_t together;

	cr_assert_leq(count, THREADS_MAX);
	pthread_barrier_init(&together, NULL, count);
	for (unsigned i = 0; i < count; i++) {
		threads[i] = (struct thread){ .body = body, .number = i, .together = &together };
		cr_assert_eq(pthread_create(&threads[i].id, NULL, thread_main, &threads[i]), 0);
	}
	for (unsigned i = 0; i < count; i++)
		thread_join(&threads[i]);
	pthread_barrier_destroy(&together);
}

#endif

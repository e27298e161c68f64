/*
 * larson THREADS GENERATIONS OBJECTS REPLACEMENTS: a server whose threads pass their objects on and die.
 *
 * Source: Larson and Krishnan, "Memory Allocation for Long-Running Server Applications", ISMM 1998.
 * Pattern: each of THREADS lines owns OBJECTS objects of 16 to 512 bytes and replaces REPLACEMENTS of them at
 * random; then its thread starts a successor that inherits the objects, and ends. So most objects are freed by
 * another thread than the one that took them, which is gone by then.
 */
#include "work.h"

static const char larson_usage[] = "larson THREADS GENERATIONS OBJECTS REPLACEMENTS";

/* One line of threads, of which one lives at a time. */
struct larson_line {
	struct work_object **objects;
	unsigned long generations_left;
	uint64_t random;
	uint64_t sum;
};

static unsigned long larson_objects;
static unsigned long larson_replacements;

static pthread_mutex_t larson_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t larson_changed = PTHREAD_COND_INITIALIZER;
static unsigned long larson_lines_left;

static void *larson_serve(void *context)
{
	struct larson_line *line = context;
	uint64_t random = line->random, sum = line->sum; /* the lines themselves share a cache line */

	for (unsigned long i = 0; i < larson_replacements; i++) {
		struct work_object **slot = &line->objects[work_random(&random) % larson_objects];
		sum += work_give(*slot);
		*slot = work_take(work_between(&random, 16, 512), (uint32_t)i);
	}
	line->random = random;
	line->sum = sum;
	if (--line->generations_left > 0) {
		pthread_t successor;
		work_start(&successor, larson_serve, line);
		pthread_detach(successor);
		return NULL;
	}
	pthread_mutex_lock(&larson_lock);
	larson_lines_left--;
	pthread_cond_signal(&larson_changed);
	pthread_mutex_unlock(&larson_lock);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long threads = work_argument(argc, argv, 1, larson_usage, 1, WORK_MAX_THREADS);
	unsigned long generations = work_argument(argc, argv, 2, larson_usage, 1, 1000000);
	larson_objects = work_argument(argc, argv, 3, larson_usage, 1, 10000000);
	larson_replacements = work_argument(argc, argv, 4, larson_usage, 1, 1000000000);

	static struct larson_line lines[WORK_MAX_THREADS];
	for (unsigned long i = 0; i < threads; i++) {
		struct larson_line *line = &lines[i];
		*line = (struct larson_line){ .generations_left = generations, .random = work_seed(i) };
		line->objects = checked_malloc(larson_objects * sizeof *line->objects);
		for (unsigned long j = 0; j < larson_objects; j++)
			line->objects[j] = work_take(work_between(&line->random, 16, 512), (uint32_t)j);
	}
	larson_lines_left = threads;
	for (unsigned long i = 0; i < threads; i++) {
		pthread_t first;
		work_start(&first, larson_serve, &lines[i]);
		pthread_detach(first);
	}
	pthread_mutex_lock(&larson_lock);
	while (larson_lines_left > 0)
		pthread_cond_wait(&larson_changed, &larson_lock);
	pthread_mutex_unlock(&larson_lock);

	uint64_t sum = 0;
	for (unsigned long i = 0; i < threads; i++) {
		sum += lines[i].sum;
		for (unsigned long j = 0; j < larson_objects; j++)
			sum += work_give(lines[i].objects[j]);
		free(lines[i].objects);
	}
	work_report(threads * generations * larson_replacements, sum);
	return 0;
}

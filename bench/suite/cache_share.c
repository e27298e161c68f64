/*
 * cache_share passive|active THREADS ITERATIONS WRITES SIZE: do threads get objects of one cache line?
 *
 * Source: cache-scratch (passive) and cache-thrash (active) of Berger et al., "Hoard: A Scalable Memory
 * Allocator for Multithreaded Applications", ASPLOS 2000.
 * Pattern: each thread ITERATIONS times takes an object of SIZE bytes, writes every byte of it WRITES times and
 * frees it. An allocator that gives two threads parts of one line makes them fight for it (active). Passive: main
 * takes neighbouring objects and gives one to each thread, which frees it first; an allocator that gives
 * the thread that same memory again leaves them fighting for ever.
 */
#include "work.h"

static const char share_usage[] = "cache_share passive|active THREADS ITERATIONS WRITES SIZE";

struct share_thread {
	unsigned char *gift; /* NULL when active */
	uint64_t sum;
};

static unsigned long share_iterations;
static unsigned long share_writes;
static unsigned long share_size_bytes;

static void *share_write(void *context)
{
	struct share_thread *thread = context;
	uint64_t sum = 0; /* not in the contexts, which share lines themselves */

	free(thread->gift);
	for (unsigned long i = 0; i < share_iterations; i++) {
		volatile unsigned char *object = checked_malloc(share_size_bytes);
		for (unsigned long j = 0; j < share_size_bytes; j++)
			object[j] = (unsigned char)i;
		for (unsigned long turn = 0; turn < share_writes; turn++)
			for (unsigned long j = 0; j < share_size_bytes; j++)
				object[j]++;
		sum += work_mix(i << 8 | object[share_size_bytes - 1]);
		free((void *)object);
	}
	thread->sum = sum;
	return NULL;
}

int main(int argc, char **argv)
{
	bool passive = argc > 1 && strcmp(argv[1], "passive") == 0;
	if (!passive && (argc < 2 || strcmp(argv[1], "active") != 0)) {
		fprintf(stderr, "usage: %s\n", share_usage);
		return 2;
	}
	unsigned long threads = work_argument(argc, argv, 2, share_usage, 1, WORK_MAX_THREADS);
	share_iterations = work_argument(argc, argv, 3, share_usage, 1, 1000000000);
	share_writes = work_argument(argc, argv, 4, share_usage, 1, 1000000);
	share_size_bytes = work_argument(argc, argv, 5, share_usage, 1, 4096);

	static struct share_thread contexts[WORK_MAX_THREADS];
	if (passive)
		for (unsigned long i = 0; i < threads; i++) {
			contexts[i].gift = checked_malloc(share_size_bytes);
			contexts[i].gift[0] = 1;
		}
	work_run_threads((unsigned)threads, share_write, contexts, sizeof contexts[0]);
	uint64_t sum = 0;
	for (unsigned long i = 0; i < threads; i++)
		sum += contexts[i].sum;
	work_report(threads * share_iterations, sum);
	return 0;
}

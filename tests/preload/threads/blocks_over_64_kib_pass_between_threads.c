/*
 * Blocks of 40 KiB to 1.5 MiB: pooled, runs of granules, the private jemalloc's. Threads take, resize and free
 * each other's, while some pages go back and children fork off: what was written stays, what is to be zero is.
 * @env TIDEPOOL_TICK=20ms
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "expect.h"

#define THREADS 4
#define SLOTS 48
#define STEPS 6000
#define FORKS 12
#define LEAST ((size_t)40 << 10)
#define MOST ((size_t)1536 << 10)
#define STRIDE ((size_t)4096)

/* At the start of each block; a mark of its number lies at every stride and at its end. */
struct block {
	size_t bytes;
	uint64_t number;
};

static struct block *_Atomic slots[SLOTS];

static uint64_t next_random(uint64_t *random)
{
	*random ^= *random << 13, *random ^= *random >> 7, *random ^= *random << 17;
	return *random;
}

static unsigned char *byte(struct block *block, size_t offset)
{
	return (unsigned char *)block + offset;
}

static struct block *fill(struct block *block, size_t bytes, uint64_t number)
{
	*block = (struct block){ bytes, number };
	for (size_t i = STRIDE; i < bytes; i += STRIDE)
		*byte(block, i) = (unsigned char)(number + i / STRIDE);
	*byte(block, bytes - 1) = (unsigned char)number;
	return block;
}

static void check(struct block *block, size_t bytes)
{
	for (size_t i = STRIDE; i < bytes && i < block->bytes - 1; i += STRIDE)
		EXPECT(*byte(block, i) == (unsigned char)(block->number + i / STRIDE),
		    "byte %zu of a block of %zu was written to", i, block->bytes);
	EXPECT(bytes < block->bytes || *byte(block, block->bytes - 1) == (unsigned char)block->number,
	    "the end of a block of %zu was written to", block->bytes);
}

static struct block *take(size_t bytes, unsigned kind)
{
	size_t alignment = kind == 2 ? STRIDE << (bytes % 6) : 16; /* to 128 KiB */
	struct block *block = kind == 0   ? calloc(1, bytes)
			      : kind == 2 ? aligned_alloc(alignment, bytes)
					  : malloc(bytes);

	EXPECT(block, "no memory for %zu bytes", bytes);
	EXPECT((uintptr_t)block % alignment == 0, "%p is not aligned to %zu", (void *)block, alignment);
	EXPECT(malloc_usable_size(block) >= bytes, "%zu of %zu bytes may be used", malloc_usable_size(block), bytes);
	for (size_t i = 0; kind == 0 && i < bytes; i += 64)
		EXPECT(*byte(block, i) == 0, "byte %zu of %zu is not zero", i, bytes);
	return block;
}

static struct block *change(struct block *block, size_t bytes, uint64_t number)
{
	size_t kept = block->bytes < bytes ? block->bytes : bytes;

	check(block, block->bytes);
	block = realloc(block, bytes);
	EXPECT(block, "no memory for %zu bytes", bytes);
	check(block, kept);
	return fill(block, bytes, number);
}

static void give(struct block *block)
{
	check(block, block->bytes);
	free(block);
}

static void step(uint64_t *random)
{
	uint64_t number = next_random(random);
	size_t bytes = LEAST + number % (MOST - LEAST);
	unsigned kind = (unsigned)(number >> 32) % 4;
	struct block *block = atomic_exchange(&slots[(number >> 40) % SLOTS], NULL);

	if (block && kind == 3)
		block = change(block, bytes, number);
	else if (block)
		give(block), block = NULL;
	if (!block)
		block = fill(take(bytes, kind), bytes, number);
	block = atomic_exchange(&slots[(number >> 48) % SLOTS], block);
	if (block)
		give(block);
}

static void *run(void *seed)
{
	uint64_t random = 88172645463325252ULL * ((uintptr_t)seed + 1);

	for (int i = 0; i < STEPS; i++)
		step(&random);
	return NULL;
}

/* What the threads held at that moment is out of reach here; what lay in the slots is not. */
static int play_child(void)
{
	uint64_t random = 1234567;

	for (int i = 0; i < 200; i++)
		step(&random);
	for (int i = 0; i < SLOTS; i++)
		if (slots[i])
			give(slots[i]);
	return 0;
}

int main(void)
{
	pthread_t threads[THREADS];
	int status;

	for (uintptr_t i = 0; i < THREADS; i++)
		EXPECT(pthread_create(&threads[i], NULL, run, (void *)i) == 0, "no thread");
	for (int i = 0; i < FORKS; i++) {
		usleep(20000);
		pid_t pid = fork();
		if (pid == 0)
			_exit(play_child());
		EXPECT(
		    pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "child %d: wait status %#x", i, status);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < SLOTS; i++)
		if (slots[i])
			give(slots[i]);
	return 0;
}

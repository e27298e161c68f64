/*
 * grow BUFFERS ROUNDS: buffers that grow by realloc, several side by side.
 *
 * Source: string builders and read loops of many programs; the growth by half is that of Facebook's FBVector
 * (folly, docs/FBVector.md), which argues about realloc and size classes.
 * Pattern: BUFFERS buffers begin at 16 bytes and are appended to in turn, 1 to 200 bytes at a time, up to between
 * 100 bytes and 1 MiB each, then start over, ROUNDS times. One third doubles when full, one third grows by half,
 * one third by a fixed 512 bytes. What was appended is summed up at the end.
 */
#include "work.h"

enum { GROW_START_BYTES = 16, GROW_MAX_APPEND = 200, GROW_STEP_BYTES = 512, GROW_DOUBLINGS = 13 };

static const char grow_usage[] = "grow BUFFERS ROUNDS";

struct grow_buffer {
	unsigned char *bytes;
	uint32_t used;
	uint32_t capacity;
	uint32_t wanted;
	uint32_t rounds_left;
	uint64_t appended; /* the sum of all bytes that should be there */
};

static uint64_t grow_operations;

static void grow_begin(struct grow_buffer *buffer, uint64_t *random)
{
	uint32_t lowest = 100u << work_between(random, 0, work_between(random, 0, GROW_DOUBLINGS));
	*buffer = (struct grow_buffer){
		.bytes = checked_malloc(GROW_START_BYTES),
		.capacity = GROW_START_BYTES,
		.wanted = work_between(random, lowest, lowest + lowest / 4),
		.rounds_left = buffer->rounds_left,
	};
}

static void grow_reserve(struct grow_buffer *buffer, unsigned kind, uint32_t needed)
{
	while (buffer->capacity < needed) {
		buffer->capacity += kind == 0 ? buffer->capacity : kind == 1 ? buffer->capacity / 2 : GROW_STEP_BYTES;
		buffer->bytes = checked_realloc(buffer->bytes, buffer->capacity);
		grow_operations++;
	}
}

/* Frees the buffer's bytes. Returns what they add to the sum. */
static uint64_t grow_end(struct grow_buffer *buffer)
{
	uint64_t sum = 0;
	buffer->bytes = checked_realloc(buffer->bytes, buffer->used); /* as a finished string is fitted */
	for (uint32_t i = 0; i < buffer->used; i++)
		sum += buffer->bytes[i];
	if (sum != buffer->appended)
		checked_fail("a buffer does not hold what was appended");
	free(buffer->bytes);
	return work_mix(sum);
}

int main(int argc, char **argv)
{
	unsigned long count = work_argument(argc, argv, 1, grow_usage, 1, 100000);
	unsigned long rounds = work_argument(argc, argv, 2, grow_usage, 1, 1000000);
	struct grow_buffer *buffers = checked_malloc(count * sizeof *buffers);
	uint64_t random = work_seed(0);
	uint64_t sum = 0;

	for (unsigned long i = 0; i < count; i++) {
		buffers[i].rounds_left = (uint32_t)rounds;
		grow_begin(&buffers[i], &random);
	}
	for (unsigned long active = count; active > 0;)
		for (unsigned long i = 0; i < count; i++) {
			struct grow_buffer *buffer = &buffers[i];
			if (buffer->rounds_left == 0)
				continue;
			uint32_t length = work_between(&random, 1, GROW_MAX_APPEND);
			unsigned char value = (unsigned char)work_random(&random);
			grow_reserve(buffer, i % 3, buffer->used + length);
			memset(buffer->bytes + buffer->used, value, length);
			buffer->used += length;
			buffer->appended += (uint64_t)value * length;
			if (buffer->used < buffer->wanted)
				continue;
			sum += grow_end(buffer);
			if (--buffer->rounds_left == 0)
				active--;
			else
				grow_begin(buffer, &random);
		}
	free(buffers);
	work_report(grow_operations, sum);
	return 0;
}

/*
 * A churn: one thread's random stream of allocations, in which every object carries an owner word
 * at both ends that is checked before the object is freed. An object handed out twice shows as a
 * word that somebody else wrote. What is held is recorded outside the objects, in records that
 * threads pass to each other by exchanging them with shared slots.
 * A churn belongs to one thread at a time; the slots to all. Include once per program.
 */
#ifndef TEST_CHURN_H
#define TEST_CHURN_H

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"

#define CHURN_HELD 192
#define CHURN_SLOTS 512
#define CHURN_DOUBLINGS 12 /* up to 64 KiB */
#define CHURN_LARGE_BYTES (1u << 20)

struct churn_record {
	unsigned char *object; /* NULL: nothing held */
	size_t size;
	uint64_t word;
};

struct churn {
	uint64_t random;
	uint64_t sequence;
	uint64_t steps;
	unsigned id;
	unsigned doublings; /* sizes go up to 16 << doublings */
	bool alone; /* exchanges nothing: a forked child, whose slots were copied in mid-exchange */
	struct churn_record *held[CHURN_HELD];
	struct churn_record records[CHURN_HELD];
};

static struct churn_record churn_slot_records[CHURN_SLOTS];
static _Atomic(struct churn_record *) churn_slots[CHURN_SLOTS];
static atomic_bool churn_stop;

static inline uint64_t churn_random(struct churn *churn)
{
	uint64_t x = churn->random;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	churn->random = x;
	return x * 0x2545f4914f6cdd1dULL;
}

/* Make the slots ready; call once, before the first churn starts. */
static inline void churn_init_slots(void)
{
	for (int i = 0; i < CHURN_SLOTS; i++)
		atomic_store(&churn_slots[i], &churn_slot_records[i]);
}

/* Make a churn ready; id is its own in the program, and not 0. */
static inline void churn_init(struct churn *churn, unsigned id)
{
	memset(churn, 0, sizeof *churn);
	churn->random = id * 0x9e3779b97f4a7c15ULL;
	churn->id = id;
	churn->doublings = CHURN_DOUBLINGS;
	for (int i = 0; i < CHURN_HELD; i++)
		churn->held[i] = &churn->records[i];
}

/* From 16 B, every power of two as likely as another; one in 2,048 is over 64 KiB. */
static inline size_t churn_size(const struct churn *churn, uint64_t random)
{
	if (random % 2048 == 0 && churn->doublings == CHURN_DOUBLINGS)
		return 65536 + (random >> 20) % (CHURN_LARGE_BYTES - 65536);
	size_t base = 16u << ((random >> 11) % churn->doublings);
	return base + (random >> 20) % base;
}

static inline void churn_stamp(struct churn *churn, struct churn_record *held, void *object, size_t size)
{
	held->object = (unsigned char *)object;
	held->size = size;
	held->word = (uint64_t)churn->id << 48 | ++churn->sequence;
	memcpy(held->object, &held->word, sizeof held->word);
	memcpy(held->object + size - sizeof held->word, &held->word, sizeof held->word);
}

/* Stop the test unless both ends of the object still carry its owner word. */
static inline void churn_check(const struct churn_record *held)
{
	uint64_t first, last;
	memcpy(&first, held->object, sizeof first);
	memcpy(&last, held->object + held->size - sizeof last, sizeof last);
	EXPECT(first == held->word && last == held->word,
	    "object %p of %zu bytes belongs to %#llx but carries %#llx at its start and %#llx at its end",
	    (void *)held->object, held->size, (unsigned long long)held->word, (unsigned long long)first,
	    (unsigned long long)last);
}

static inline void churn_expect_zero(const unsigned char *object, size_t size)
{
	for (size_t i = 0; i < size; i++)
		EXPECT(object[i] == 0, "calloc(%zu) gave %#x at byte %zu", size, object[i], i);
}

/* Fill an empty record through one of the ways to allocate. */
static inline void churn_allocate(struct churn *churn, struct churn_record *held)
{
	uint64_t random = churn_random(churn);
	size_t size = churn_size(churn, random), alignment = 16;
	void *object = NULL;

	switch (random >> 60) {
	case 0:
	case 1:
		object = calloc(1, size);
		if (object)
			churn_expect_zero((unsigned char *)object, size < 512 ? size : 512);
		break;
	case 2:
		alignment = (size_t)16 << ((random >> 56) & 7);
		object = aligned_alloc(alignment, size);
		break;
	case 3:
		alignment = (size_t)16 << ((random >> 56) & 7);
		if (posix_memalign(&object, alignment, size) != 0)
			object = NULL;
		break;
	default:
		object = malloc(size);
	}
	EXPECT(object, "no memory for %zu bytes", size);
	EXPECT(((uintptr_t)object & (alignment - 1)) == 0, "%p is not aligned to %zu", object, alignment);
	churn_stamp(churn, held, object, size);
}

/* Check and free what a record holds, clearing the words: a second owner would miss them. */
static inline void churn_release(struct churn_record *held)
{
	churn_check(held);
	memset(held->object, 0, sizeof held->word);
	memset(held->object + held->size - sizeof held->word, 0, sizeof held->word);
	free(held->object);
	held->object = NULL;
}

static inline void churn_resize(struct churn *churn, struct churn_record *held)
{
	churn_check(held);
	size_t size = churn_size(churn, churn_random(churn));
	void *object = realloc(held->object, size);
	EXPECT(object, "no memory to make %zu bytes of %zu", size, held->size);
	EXPECT(memcmp(object, &held->word, sizeof held->word) == 0, "realloc to %zu bytes lost the contents", size);
	churn_stamp(churn, held, object, size);
}

/* One random operation: allocate, free, resize, or pass a record on. */
static inline void churn_step(struct churn *churn)
{
	uint64_t random = churn_random(churn);
	struct churn_record **mine = &churn->held[random % CHURN_HELD];

	if (!churn->alone && (random >> 32 & 3) == 0)
		*mine =
		    atomic_exchange_explicit(&churn_slots[(random >> 40) % CHURN_SLOTS], *mine, memory_order_acq_rel);
	if (!(*mine)->object)
		churn_allocate(churn, *mine);
	else if ((random >> 60) == 0)
		churn_resize(churn, *mine);
	else
		churn_release(*mine);
	churn->steps++;
}

static inline void churn_steps(struct churn *churn, unsigned count)
{
	while (count--)
		churn_step(churn);
}

/* Free what a churn still holds. */
static inline void churn_finish(struct churn *churn)
{
	for (int i = 0; i < CHURN_HELD; i++)
		if (churn->held[i]->object)
			churn_release(churn->held[i]);
}

/* Free what lies in the slots; call when no churn runs any more. */
static inline void churn_finish_slots(void)
{
	for (int i = 0; i < CHURN_SLOTS; i++) {
		struct churn_record *held = atomic_load(&churn_slots[i]);
		if (held->object)
			churn_release(held);
	}
}

/* A thread that churns until churn_stop; its argument is its struct churn. */
static inline void *churn_thread(void *argument)
{
	struct churn *churn = (struct churn *)argument;
	while (!atomic_load_explicit(&churn_stop, memory_order_relaxed))
		churn_step(churn);
	churn_finish(churn);
	return NULL;
}

/* Start count threads that churn, with the ids first_id and up. Not inline: a caller may vfork. */
__attribute__((noinline, unused)) static void churn_start(
    pthread_t *threads, struct churn *churns, unsigned count, unsigned first_id)
{
	for (unsigned i = 0; i < count; i++) {
		churn_init(&churns[i], first_id + i);
		int error = pthread_create(&threads[i], NULL, churn_thread, &churns[i]);
		EXPECT(error == 0, "pthread_create: %s", strerror(error));
	}
}

/* Stop and join them. */
static inline void churn_end(pthread_t *threads, unsigned count)
{
	atomic_store(&churn_stop, true);
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

#endif

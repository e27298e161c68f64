/*
 * One producer writes numbers into fresh objects and nine consumers free them, while generations
 * turn: every number is seen exactly once, and every object still carries what was written.
 * @env TIDEPOOL_TICK=10ms
 * @variants rseq lock delay norseq
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "expect.h"

#define CONSUMERS 9
#define VALUES 400000
#define RING 2048

struct value {
	uint64_t number, inverse;
};

static _Atomic(struct value *) ring[RING];
static _Atomic unsigned char seen[VALUES];
static _Atomic int seen_count;

static void *consume(void *argument)
{
	unsigned at = (unsigned)(uintptr_t)argument * 227;

	for (;;) {
		struct value *value = NULL;
		for (unsigned i = 0; i < RING && !value; i++)
			value = atomic_exchange(&ring[at++ % RING], NULL);
		if (!value) {
			if (atomic_load(&seen_count) == VALUES)
				return NULL;
			sched_yield();
			continue;
		}
		EXPECT(value->number < VALUES && value->inverse == ~value->number, "a value became %#llx and %#llx",
		    (unsigned long long)value->number, (unsigned long long)value->inverse);
		EXPECT(atomic_fetch_add(&seen[value->number], 1) == 0, "value %llu was seen twice",
		    (unsigned long long)value->number);
		memset(value, 0xee, sizeof *value);
		free(value);
		atomic_fetch_add(&seen_count, 1);
	}
}

int main(void)
{
	static const size_t sizes[] = { sizeof(struct value), 200, 3000, 40000 };
	pthread_t consumers[CONSUMERS];

	for (uintptr_t i = 0; i < CONSUMERS; i++)
		EXPECT(pthread_create(&consumers[i], NULL, consume, (void *)i) == 0, "no thread");
	for (uint64_t i = 0; i < VALUES; i++) {
		struct value *value = malloc(sizes[i / 64 % 4]);
		EXPECT(value, "no memory for value %llu", (unsigned long long)i);
		*value = (struct value){ i, ~i };
		struct value *none = NULL;
		while (!atomic_compare_exchange_strong(&ring[i % RING], &none, value)) {
			none = NULL;
			sched_yield();
		}
	}
	for (int i = 0; i < CONSUMERS; i++)
		pthread_join(consumers[i], NULL);
	for (int i = 0; i < VALUES; i++)
		EXPECT(seen[i] == 1, "value %d was seen %d times", i, seen[i]);
	return 0;
}

/* Requests that go to the next allocator: the sharded counters. See passthrough.h. */
#include "shim/pool/passthrough.h"

#include <sched.h>
#include <stdatomic.h>

#include "shim/heap/size_classes.h"

#define SHARD_COUNT 16U /* CPUs whose numbers are equal modulo this share counters */

static struct shard {
	_Alignas(64) _Atomic uint64_t puts;
	struct {
		_Atomic uint64_t gets, bytes;
	} class[TP_CLASS_LIMIT];
} shards[SHARD_COUNT];

static struct shard *current_shard(void)
{
	int cpu = sched_getcpu();

	return &shards[cpu < 0 ? 0 : (unsigned)cpu % SHARD_COUNT];
}

static void add(_Atomic uint64_t *counter, uint64_t value)
{
	atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

static uint64_t read(_Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void tp_passthrough_get(size_t bytes)
{
	struct shard *shard = current_shard();
	unsigned class_index = tp_class_aligned(&tp_classes, bytes, 1);

	add(&shard->class[class_index].gets, 1);
	add(&shard->class[class_index].bytes, bytes);
}

void tp_passthrough_put(void)
{
	add(&current_shard()->puts, 1);
}

void tp_passthrough_read(unsigned class_index, struct tp_passthrough_counts *count)
{
	*count = (struct tp_passthrough_counts){ 0 };
	for (unsigned i = 0; i < SHARD_COUNT; i++) {
		count->gets += read(&shards[i].class[class_index].gets);
		count->bytes += read(&shards[i].class[class_index].bytes);
	}
}

uint64_t tp_passthrough_read_puts(void)
{
	uint64_t puts = 0;

	for (unsigned i = 0; i < SHARD_COUNT; i++)
		puts += read(&shards[i].puts);
	return puts;
}

/* Live samples: a hash table with linear probing, in shards. See live_samples.h. @rare */
#include "shim/profile/live_samples.h"

#include <sys/mman.h>

#define SHARD_COUNT 64U
#define SHARD_PLACES 16384U /* a power of two; 1,048,576 in all, which take 24 MiB of address space */
#define SHARD_OBJECTS_MAX (SHARD_PLACES / 4 * 3) /* fuller than that, searches would be long */

/*
 * One shard. An object's hash says which shard and which first place there. All is under the shard's lock, but the
 * count is also read without it, as a hint that the shard is empty.
 */
static struct shard {
	_Alignas(64) struct tp_lock lock;
	_Atomic uint32_t count; /* objects */
	struct tp_live_sample *places; /* SHARD_PLACES of them; address 0: empty */
} shards[SHARD_COUNT];

bool tp_live_samples_start(void)
{
	size_t shard_bytes = SHARD_PLACES * sizeof(struct tp_live_sample);
	char *memory = mmap(NULL, SHARD_COUNT * shard_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	for (unsigned i = 0; i < SHARD_COUNT; i++)
		shards[i].places = (struct tp_live_sample *)(memory + i * shard_bytes);
	return true;
}

static uint32_t hash_of(uintptr_t address)
{
	return (uint32_t)(((uint64_t)address >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static struct shard *shard_of(uintptr_t address)
{
	return &shards[hash_of(address) % SHARD_COUNT];
}

static uint32_t first_place_of(uintptr_t address)
{
	return hash_of(address) / SHARD_COUNT % SHARD_PLACES;
}

/* Return the object's place, or, if it is not there, the empty place where it would be. */
static uint32_t find(const struct shard *shard, uintptr_t address)
{
	uint32_t place = first_place_of(address);

	while (shard->places[place].address != 0 && shard->places[place].address != address)
		place = (place + 1) % SHARD_PLACES;
	return place;
}

/* Whether @shard is empty. An object that another thread adds at this moment is not the one the caller looks for. */
static bool is_empty(const struct shard *shard)
{
	return atomic_load_explicit(&shard->count, memory_order_relaxed) == 0;
}

/* Under the lock, so that a load and a store are enough. @by: modulo 2^32. */
static void change_count(struct shard *shard, uint32_t by)
{
	uint32_t count = atomic_load_explicit(&shard->count, memory_order_relaxed);

	atomic_store_explicit(&shard->count, count + by, memory_order_relaxed);
}

bool tp_live_samples_add(const struct tp_live_sample *object)
{
	struct shard *shard = shard_of(object->address);

	tp_lock_acquire(&shard->lock);
	struct tp_live_sample *place = &shard->places[find(shard, object->address)];
	/* If the address is there already, its object was freed where the profile did not see it. */
	bool known = place->address != 0;
	bool room = known || atomic_load_explicit(&shard->count, memory_order_relaxed) < SHARD_OBJECTS_MAX;
	if (room)
		*place = *object;
	if (room && !known)
		change_count(shard, 1);
	tp_lock_release(&shard->lock);
	return room;
}

/* Empty a place, and move the objects after it that a search would no longer find. */
static void empty(struct shard *shard, uint32_t hole)
{
	for (uint32_t place = (hole + 1) % SHARD_PLACES; shard->places[place].address != 0;
	     place = (place + 1) % SHARD_PLACES) {
		uint32_t first = first_place_of(shard->places[place].address);

		/* An object may move to the hole if the hole lies between the object's first place and its own. */
		if ((place - first) % SHARD_PLACES < (place - hole) % SHARD_PLACES)
			continue;
		shard->places[hole] = shard->places[place];
		hole = place;
	}
	shard->places[hole].address = 0;
}

bool tp_live_samples_remove(const void *address, struct tp_live_sample *object)
{
	struct shard *shard = shard_of((uintptr_t)address);

	if (is_empty(shard))
		return false;
	tp_lock_acquire(&shard->lock);
	uint32_t place = find(shard, (uintptr_t)address);
	*object = shard->places[place];
	if (object->address != 0) {
		empty(shard, place);
		change_count(shard, UINT32_MAX);
	}
	tp_lock_release(&shard->lock);
	return object->address != 0;
}

void tp_live_samples_each_lock(void (*action)(struct tp_lock *lock))
{
	for (unsigned i = 0; i < SHARD_COUNT; i++)
		action(&shards[i].lock);
}

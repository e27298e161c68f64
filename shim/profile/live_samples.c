/* Sampled objects: a hash table with linear probing in shares. See sampled.h. @rare */
#include "shim/profile/live_samples.h"

#include <sys/mman.h>


#define SHARE_COUNT 64U
#define SHARE_PLACES 16384U /* a power of two; 1,048,576 in all, and 24 MiB of addresses */
#define SHARE_OBJECTS_MAX (SHARE_PLACES / 4 * 3)

/* One share of the addresses. Under its lock, but for the hint that it is empty. */
static struct share {
	_Alignas(64) struct tp_lock lock;
	_Atomic uint32_t count;
	struct tp_live_sample *places;
} shares[SHARE_COUNT];

bool tp_live_samples_start(void)
{
	size_t share_bytes = SHARE_PLACES * sizeof(struct tp_live_sample);
	char *memory = mmap(NULL, SHARE_COUNT * share_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	for (unsigned i = 0; i < SHARE_COUNT; i++)
		shares[i].places = (struct tp_live_sample *)(memory + i * share_bytes);
	return true;
}

static uint32_t hash_of(uintptr_t address)
{
	return (uint32_t)(((uint64_t)address >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static struct share *share_of(uintptr_t address)
{
	return &shares[hash_of(address) % SHARE_COUNT];
}

static uint32_t owner_of(uintptr_t address)
{
	return hash_of(address) / SHARE_COUNT % SHARE_PLACES;
}

/* The object's place, or the empty one where it would be. */
static uint32_t find(const struct share *share, uintptr_t address)
{
	uint32_t place = owner_of(address);

	while (share->places[place].address != 0 && share->places[place].address != address)
		place = (place + 1) % SHARE_PLACES;
	return place;
}

/* Whether @share may hold anything: what another thread adds now is not what this one looks for. */
static bool is_empty(const struct share *share)
{
	return atomic_load_explicit(&share->count, memory_order_relaxed) == 0;
}

static void change_count(struct share *share, uint32_t by)
{
	uint32_t count = atomic_load_explicit(&share->count, memory_order_relaxed);

	atomic_store_explicit(&share->count, count + by, memory_order_relaxed);
}

bool tp_live_samples_add(const struct tp_live_sample *object)
{
	struct share *share = share_of(object->address);

	tp_lock_acquire(&share->lock);
	struct tp_live_sample *place = &share->places[find(share, object->address)];
	/* An address that is there already was freed where we did not see it. */
	bool known = place->address != 0;
	bool room = known || atomic_load_explicit(&share->count, memory_order_relaxed) < SHARE_OBJECTS_MAX;
	if (room)
		*place = *object;
	if (room && !known)
		change_count(share, 1);
	tp_lock_release(&share->lock);
	return room;
}

/* Empty a place, and move up those behind it that would no longer be found. */
static void empty(struct share *share, uint32_t hole)
{
	for (uint32_t place = (hole + 1) % SHARE_PLACES; share->places[place].address != 0;
	     place = (place + 1) % SHARE_PLACES) {
		uint32_t owner = owner_of(share->places[place].address);

		/* It may move up if the hole lies on its way from owner. */
		if ((place - owner) % SHARE_PLACES < (place - hole) % SHARE_PLACES)
			continue;
		share->places[hole] = share->places[place];
		hole = place;
	}
	share->places[hole].address = 0;
}

bool tp_live_samples_remove(const void *address, struct tp_live_sample *object)
{
	struct share *share = share_of((uintptr_t)address);

	if (is_empty(share))
		return false;
	tp_lock_acquire(&share->lock);
	uint32_t place = find(share, (uintptr_t)address);
	*object = share->places[place];
	if (object->address != 0) {
		empty(share, place);
		change_count(share, UINT32_MAX);
	}
	tp_lock_release(&share->lock);
	return object->address != 0;
}

void tp_live_samples_each_lock(void (*action)(struct tp_lock *lock))
{
	for (unsigned i = 0; i < SHARE_COUNT; i++)
		action(&shares[i].lock);
}

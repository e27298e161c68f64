/* Live samples: a hash table of buckets, each a cache line of addresses. See live_samples.h. @rare */
#include "shim/profile/live_samples.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define BUCKET_PLACES TP_LIVE_SAMPLES_BUCKET

/* The address of a place whose object is being written. No block lies there. */
#define TAKEN ((uintptr_t)1)

/* A cache line of addresses, in which objects are looked for, and what was noted of each. Address 0: the place is free. */
struct tp_live_samples_bucket {
	_Alignas(64) _Atomic uintptr_t addresses[BUCKET_PLACES];
	struct tp_live_sample objects[BUCKET_PLACES];
};

static size_t table_bytes(unsigned shift)
{
	return sizeof(struct tp_live_samples_bucket) << shift;
}

bool tp_live_samples_start(struct tp_live_samples *table, unsigned shift)
{
	void *memory =
	    mmap(NULL, table_bytes(shift), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	table->shift = shift;
	table->buckets = memory;
	return true;
}

void tp_live_samples_clear(struct tp_live_samples *table)
{
	/* Fresh pages in place of the child's own. The kernel refuses that only if they are locked. */
	if (madvise(table->buckets, table_bytes(table->shift), MADV_DONTNEED) != 0)
		memset(table->buckets, 0, table_bytes(table->shift));
}

/* Blocks are multiples of 16 bytes apart. */
static struct tp_live_samples_bucket *bucket_of(const struct tp_live_samples *table, const void *address)
{
	return &table->buckets[((uintptr_t)address >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - table->shift)];
}

/* Find the place of an object in its bucket. Returns BUCKET_PLACES if it is not there. Every free of a histogram asks. */
static inline unsigned find(struct tp_live_samples_bucket *bucket, const void *address)
{
#pragma GCC unroll 8
	for (unsigned place = 0; place < BUCKET_PLACES; place++)
		/* acquire: pairs with the release in tp_live_samples_add, on whatever thread the object was allocated */
		if (atomic_load_explicit(&bucket->addresses[place], memory_order_acquire) == (uintptr_t)address)
			return place;
	return BUCKET_PLACES;
}

/* Take a free place of a bucket. Returns BUCKET_PLACES if there is none. */
static unsigned take(struct tp_live_samples_bucket *bucket)
{
	for (unsigned place = 0; place < BUCKET_PLACES; place++) {
		uintptr_t none = 0;

		/* acquire: pairs with the release in tp_live_samples_remove: what was there has been read */
		if (atomic_load_explicit(&bucket->addresses[place], memory_order_relaxed) == 0 &&
		    atomic_compare_exchange_strong_explicit(
			&bucket->addresses[place], &none, TAKEN, memory_order_acquire, memory_order_relaxed))
			return place;
	}
	return BUCKET_PLACES;
}

bool tp_live_samples_add(struct tp_live_samples *table, const void *address, const struct tp_live_sample *object)
{
	struct tp_live_samples_bucket *bucket = bucket_of(table, address);
	unsigned place = find(bucket, address); /* if it is there already, it was freed where we did not see it */

	if (place == BUCKET_PLACES)
		place = take(bucket);
	if (place == BUCKET_PLACES)
		return false;
	bucket->objects[place] = *object;
	/* release: pairs with the acquire in find */
	atomic_store_explicit(&bucket->addresses[place], (uintptr_t)address, memory_order_release);
	return true;
}

bool tp_live_samples_remove(struct tp_live_samples *table, const void *address, struct tp_live_sample *object)
{
	struct tp_live_samples_bucket *bucket = bucket_of(table, address);
	unsigned place = find(bucket, address);

	if (place == BUCKET_PLACES) {
		*object = (struct tp_live_sample){ 0 };
		return false;
	}
	*object = bucket->objects[place];
	/* release: pairs with the acquire in take */
	atomic_store_explicit(&bucket->addresses[place], 0, memory_order_release);
	return true;
}

/* Slabs: bitmaps, taking and giving, empty ones back to where they came from. See slab.h. */
#include "shim/heap/slab.h"

#include "shim/base/lock.h"
#include "shim/base/output.h"
#include "shim/heap/chunk.h"
#include "shim/heap/large.h"
#include "shim/heap/owner.h"
#include "shim/heap/pagemap.h"
#include "shim/heap/region.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab_bitmap.h"
#include "shim/heap/slab_list.h"
#include "shim/heap/slab_record.h"

#define BACKEND UINT32_MAX /* a slab that is in no chunk: too large, or the region was used up */

/*
 * A class that has grown this large gets its next slab's pages in one system call
 * instead of sixteen faults. Chosen by bench/heap_growth.py.
 */
#define POPULATE_FROM_BYTES (512U << 10)
#define POPULATE_OBJECT_MAX 2048U

/* Of so large an object the pages are worth a system call once nobody wants it. */
#define IDLE_OBJECT_MIN 16384U

_Static_assert(TP_SLAB_IDLE_BYTES / IDLE_OBJECT_MIN <= TP_BITMAP_IDLE_MAX, "their slabs know which objects idle");

/* In a class of so much, memory counts for more than lines that two CPUs write to. */
#define SHARE_FROM_BYTES (4U << 20)

/* Of a class that is not asked for, nothing but zeroes: its center takes no page. */
struct center {
	_Alignas(64) struct tp_lock lock;
	struct tp_bins bins; /* of the slabs without a home */
	uint32_t empty_count;
	uint64_t takes_seen; /* from_slab at the last tp_slab_release_unused */
	struct tp_slab_counts counts;
};

static struct center centers[TP_CLASS_LIMIT];

static void settle(struct center *center, const struct tp_class *c, uint32_t granule)
{
	tp_bin_settle(tp_home_bins(&center->bins, c, tp_bin_slab(granule)->home), c, granule);
}

size_t tp_slab_record_bytes(void)
{
	return sizeof(struct tp_slab);
}

void tp_slab_start(void)
{
	tp_slab_record_start();
}

/* Slabs of several granules are aligned to their size. */
static uint32_t first_granule(const struct tp_class *c, const void *object)
{
	uint32_t granule = (uint32_t)tp_region_granule(object);

	return granule & ~((c->slab_bytes >> TP_REGION_GRANULE_SHIFT) - 1);
}

static void enter_in_map(const struct tp_class *c, uint32_t granule)
{
	const struct tp_slab *slab = tp_bin_slab(granule);

	tp_pagemap_set_slab(tp_classes.row, granule, c->slab_bytes >> TP_REGION_GRANULE_SHIFT, slab->class_index, slab->home);
}

/* @fresh: none of its pages has been touched yet. */
static void *take_memory(const struct tp_class *c, uint32_t *chunk, bool *fresh)
{
	/* Every free object of a class that is cleared by puts is clear, the first ones too. */
	bool zero = c->zero == TP_ZERO_PUT;
	void *memory = tp_chunk_take(c->slab_bytes, c->slab_bytes, zero, chunk, fresh);

	if (memory)
		return memory;
	*chunk = BACKEND;
	*fresh = false;
	return tp_backend_take_slab(c->slab_bytes, c->slab_bytes, zero);
}

static void give_memory(const struct tp_class *c, void *memory, uint32_t chunk)
{
	if (chunk == BACKEND)
		tp_backend_give_slab(memory);
	else
		tp_chunk_give(memory, c->slab_bytes, chunk);
}

/* Whether a class is so large that a further slab will be filled. Each home has slabs of its own that need not be. */
static bool has_grown(const struct center *center, const struct tp_class *c)
{
	uint64_t homes = c->homed ? 1 + tp_home_count() : 1;

	return center->counts.live_bytes >= homes * POPULATE_FROM_BYTES && c->object_bytes <= POPULATE_OBJECT_MAX;
}

/* Add a fresh slab to the class. Called without the lock, as the backend may map memory. */
static bool add_slab(unsigned class_index, unsigned home)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct center *center = &centers[class_index];
	uint32_t chunk;
	bool fresh;
	void *memory = take_memory(c, &chunk, &fresh);

	if (!memory)
		return false;
	uint32_t granule = (uint32_t)tp_region_granule(memory);
	struct tp_slab *slab = tp_slab_record_take(granule);

	if (!slab) {
		give_memory(c, memory, chunk);
		return false;
	}
	if (fresh && has_grown(center, c))
		tp_region_populate(memory, c->slab_bytes);
	slab->chunk = chunk;
	slab->class_index = (uint8_t)class_index;
	slab->bin = TP_BIN_NONE;
	slab->home = (uint8_t)home;
	tp_bitmap_free_all(c, slab, fresh);
	enter_in_map(c, granule);

	tp_lock_acquire(&center->lock);
	settle(center, c, granule);
	center->empty_count++;
	center->counts.backend_calls++;
	center->counts.backend_bytes += c->slab_bytes;
	center->counts.live_bytes += c->slab_bytes;
	tp_lock_release(&center->lock);
	return true;
}

/* Take from the slabs of @bins, the fullest first. */
static size_t take_from_bins(
    struct center *center, const struct tp_class *c, struct tp_bins *bins, void **objects, size_t count)
{
	size_t taken = 0;

	for (unsigned bin = 0; bin < TP_BIN_COUNT && taken < count; bin++) {
		while (bins->first[bin] != TP_BIN_NO_SLAB && taken < count) {
			uint32_t granule = bins->first[bin] - 1;
			struct tp_slab *slab = tp_bin_slab(granule);

			if (slab->free_count == c->slab_objects)
				center->empty_count--;
			taken += tp_bitmap_take(
			    c, slab, tp_region_granule_address(granule), objects + count - taken, count - taken);
			tp_bin_settle(bins, c, granule);
		}
	}
	return taken;
}

static size_t take_locked(struct center *center, const struct tp_class *c, unsigned home, void **objects, size_t count)
{
	struct tp_bins *bins = tp_home_bins(&center->bins, c, home);
	size_t taken = take_from_bins(center, c, bins, objects, count);

	if (taken > 0 || !c->homed)
		return taken;
	bool is_large = center->counts.live_bytes >= SHARE_FROM_BYTES;
	uint32_t link = tp_home_adopt(&center->bins, c, home, is_large);

	if (link == TP_BIN_NO_SLAB)
		return 0;
	enter_in_map(c, link - 1);
	return take_from_bins(center, c, bins, objects, count);
}

size_t tp_slab_take(unsigned class_index, unsigned home, void **objects, size_t count, enum tp_slab_use use)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct center *center = &centers[class_index];

	if (!c->homed)
		home = TP_PAGEMAP_NO_OWNER;
	tp_home_note(home);
	for (;;) {
		tp_lock_acquire(&center->lock);
		size_t taken = take_locked(center, c, home, objects, count);
		if (taken > 0) {
			bool is_get = use == TP_SLAB_GET;

			center->counts.from_slab += is_get;
			center->counts.refilled += taken - is_get;
		}
		tp_lock_release(&center->lock);
		if (taken > 0) {
			/* Objects lie at the end of the array; move them to its front. */
			if (taken < count)
				__builtin_memmove(objects, objects + count - taken, taken * sizeof *objects);
			return taken;
		}
		if (!add_slab(class_index, home))
			return 0;
	}
}

/* Mark @object of the slab at @granule free. Returns why not, or NULL. */
static const char *give_one(
    struct center *center, const struct tp_class *c, unsigned class_index, uint32_t granule, const void *object)
{
	struct tp_slab *slab = tp_bin_slab(granule);
	uint32_t offset = (uint32_t)((uintptr_t)object - (uintptr_t)tp_region_granule_address(granule));
	const char *wrong =
	    slab->class_index == class_index ? tp_bitmap_give(c, slab, offset) : "is not the start of an object";

	/* Most objects change nothing but the count. */
	if (!wrong && slab->free_count >= slab->bin_end)
		settle(center, c, granule);
	return wrong;
}

/* Take an unlinked, empty slab out of the books. Returns its memory. */
static void *account_release(struct center *center, const struct tp_class *c, uint32_t granule)
{
	center->empty_count--;
	center->counts.backend_calls++;
	center->counts.live_bytes -= c->slab_bytes;
	return tp_region_granule_address(granule);
}

/*
 * Unlink a slab that has just become empty, unless it is the only empty one:
 * that one is kept, so that a need around a slab's edge does not come and go.
 */
static void *detach_empty(struct center *center, const struct tp_class *c, uint32_t granule)
{
	struct tp_slab *slab = tp_bin_slab(granule);

	if (slab->free_count != c->slab_objects || center->empty_count++ == 0)
		return NULL;
	tp_bin_remove(tp_home_bins(&center->bins, c, slab->home), slab);
	return account_release(center, c, granule);
}

static void release_slab(const struct tp_class *c, void *memory)
{
	uint32_t granule = (uint32_t)tp_region_granule(memory);
	uint32_t chunk = tp_bin_slab(granule)->chunk;

	tp_pagemap_set_slab(tp_classes.row, granule, c->slab_bytes >> TP_REGION_GRANULE_SHIFT, 0, TP_PAGEMAP_NO_OWNER);
	tp_slab_record_give(granule);
	give_memory(c, memory, chunk);
}

static void count_give(struct center *center, size_t count, enum tp_slab_reason reason)
{
	if (reason == TP_SLAB_FLUSH)
		center->counts.flushed += count;
	else if (reason == TP_SLAB_DROP)
		center->counts.spilled += count;
	else if (reason == TP_SLAB_DRAIN)
		center->counts.drained += count;
	else
		center->counts.refilled -= count;
}

void tp_slab_give(unsigned class_index, void *const *objects, size_t count, enum tp_slab_reason reason)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct center *center = &centers[class_index];
	void *empty[8];
	size_t done = 0;

	while (done < count) {
		size_t empty_count = 0, first = done;
		const char *wrong = NULL;

		tp_lock_acquire(&center->lock);
		for (; done < count && empty_count < sizeof empty / sizeof *empty; done++) {
			uint32_t granule = first_granule(c, objects[done]);

			wrong = give_one(center, c, class_index, granule, objects[done]);
			if (wrong)
				break;
			void *memory = detach_empty(center, c, granule);
			if (memory)
				empty[empty_count++] = memory;
		}
		count_give(center, done - first, reason);
		tp_lock_release(&center->lock);
		if (wrong)
			tp_output_fatal_free(objects[done], wrong);
		for (size_t i = 0; i < empty_count; i++)
			release_slab(c, empty[i]);
	}
}

/* The bins with an empty slab, or NULL. */
static struct tp_bins *find_empty(struct center *center, const struct tp_class *c)
{
	struct tp_bins *bins = &center->bins;

	for (unsigned place = 1; bins && bins->first[TP_BIN_EMPTY] == TP_BIN_NO_SLAB; place++)
		bins = c->homed ? tp_home_bins_at(&center->bins, c, place) : NULL;
	return bins;
}

void tp_slab_release_unused(unsigned class_index)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct center *center = &centers[class_index];

	for (;;) {
		void *memory = NULL;

		tp_lock_acquire(&center->lock);
		struct tp_bins *bins = center->takes_seen == center->counts.from_slab ? find_empty(center, c) : NULL;
		if (bins) {
			uint32_t granule = bins->first[TP_BIN_EMPTY] - 1;

			tp_bin_remove(bins, tp_bin_slab(granule));
			memory = account_release(center, c, granule);
		} else {
			center->takes_seen = center->counts.from_slab;
		}
		tp_lock_release(&center->lock);
		if (!memory)
			return;
		release_slab(c, memory);
	}
}

bool tp_slab_take_idle(uint32_t granule, struct tp_slab_idle *idle)
{
	unsigned class_index = tp_hot_class_map[granule];
	const struct tp_class *c = &tp_classes.row[class_index];
	struct center *center = &centers[class_index];

	*idle = (struct tp_slab_idle){ .granule = granule, .object_bytes = c->object_bytes };
	if (c->object_bytes < IDLE_OBJECT_MIN || c->slab_bytes != TP_SLAB_IDLE_BYTES)
		return false;
	tp_lock_acquire(&center->lock);
	/* Who is in no bin has nothing free, or has been detached, and may be another's any moment. */
	struct tp_slab *slab = tp_bin_slab(granule);
	if (tp_hot_class_map[granule] == class_index && slab->bin != TP_BIN_NONE) {
		center->empty_count -= slab->bin == TP_BIN_EMPTY;
		idle->bits = tp_bitmap_take_idle(slab);
		idle->left = tp_bitmap_mark_idle(slab);
		settle(center, c, granule);
		center->empty_count += slab->bin == TP_BIN_EMPTY;
	}
	tp_lock_release(&center->lock);
	return idle->bits != 0;
}

void tp_slab_put_purged(const struct tp_slab_idle *idle)
{
	unsigned class_index = tp_bin_slab(idle->granule)->class_index;
	const struct tp_class *c = &tp_classes.row[class_index];
	struct center *center = &centers[class_index];

	tp_lock_acquire(&center->lock);
	tp_bitmap_give_purged(tp_bin_slab(idle->granule), idle->bits);
	settle(center, c, idle->granule);
	void *memory = detach_empty(center, c, idle->granule);
	tp_lock_release(&center->lock);
	if (memory)
		release_slab(c, memory);
}

void tp_slab_read_counts(unsigned class_index, struct tp_slab_counts *counts)
{
	/* Read without the lock: a dump may run in a signal handler that holds it. */
	*counts = centers[class_index].counts;
}

void tp_slab_each_lock(void (*action)(struct tp_lock *lock))
{
	for (unsigned i = 0; i < tp_classes.count; i++)
		action(&centers[i].lock);
}

/* Slabs: taking objects, giving them back, and the memory of the slabs. See slab.h. */
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

#define NO_CHUNK UINT32_MAX /* of a slab in jemalloc's memory: over 256 KiB, or the chunks were used up */

/*
 * A class whose slabs have this many bytes gets all pages of its next slab by one system call instead of sixteen
 * faults. Chosen by bench/micro/heap_growth.py.
 */
#define POPULATE_FROM_BYTES (512U << 10)
#define POPULATE_OBJECT_MAX 2048U /* bytes; larger objects may not need all pages of their slab */

#define IDLE_OBJECT_MIN 16384U /* bytes; the pages of smaller objects are not worth a system call */

_Static_assert(TP_SLAB_IDLE_BYTES / IDLE_OBJECT_MIN <= TP_SLAB_BITMAP_IDLE_MAX, "their slabs know which objects idle");

/*
 * A class whose slabs have this many bytes is large. Before such a class gets another slab, an owner is handed even one
 * of another owner's fullest slabs, although two CPUs may then write to one cache line.
 */
#define SHARE_FROM_BYTES (4U << 20)

/* The slabs of a class. A class that is never asked for leaves this all zeroes, and touches no page of it. */
struct class_slabs {
	_Alignas(64) struct tp_lock lock; /* of all below, of the owners' lists and of the records of the class */
	struct tp_slab_lists lists; /* of the slabs without an owner */
	uint32_t empty_count; /* slabs whose objects are all free */
	uint64_t takes_seen; /* counts.from_slab at the last tp_slab_release_unused */
	struct tp_slab_counts counts;
};

static struct class_slabs classes[TP_CLASS_LIMIT];

static void relink(struct class_slabs *slabs, const struct tp_class *c, uint32_t granule)
{
	tp_slab_list_relink(tp_owner_lists(&slabs->lists, c, tp_slab_at(granule)->owner), c, granule);
}

size_t tp_slab_record_bytes(void)
{
	return sizeof(struct tp_slab);
}

void tp_slab_start(void)
{
	tp_slab_record_start();
}

/* Return the first granule of the slab that holds @object: a slab is aligned to its size. */
static uint32_t first_granule(const struct tp_class *c, const void *object)
{
	uint32_t granule = (uint32_t)tp_region_granule(object);

	return granule & ~((c->slab_bytes >> TP_REGION_GRANULE_SHIFT) - 1);
}

static void enter_in_map(const struct tp_class *c, uint32_t granule)
{
	const struct tp_slab *slab = tp_slab_at(granule);

	tp_pagemap_set_slab(
	    tp_classes.row, granule, c->slab_bytes >> TP_REGION_GRANULE_SHIFT, slab->class_index, slab->owner);
}

/* Take memory for a slab from a chunk, or from jemalloc. Sets @fresh: whether none of its pages exists yet. */
static void *take_memory(const struct tp_class *c, uint32_t *chunk, bool *fresh)
{
	/* In a class whose puts clear objects, every free object is clear, so a new slab must be zeroes. */
	bool zero = c->zero == TP_ZERO_PUT;
	void *memory = tp_chunk_take(c->slab_bytes, c->slab_bytes, zero, chunk, fresh);

	if (memory)
		return memory;
	*chunk = NO_CHUNK;
	*fresh = false;
	return tp_large_take_slab(c->slab_bytes, c->slab_bytes, zero);
}

static void give_memory(const struct tp_class *c, void *memory, uint32_t chunk)
{
	if (chunk == NO_CHUNK)
		tp_large_give_slab(memory);
	else
		tp_chunk_give(memory, c->slab_bytes, chunk);
}

/*
 * Return whether a class is so large that a new slab will probably be filled. Each owner of an owned class may have a
 * slab that is not full.
 */
static bool has_grown(const struct class_slabs *slabs, const struct tp_class *c)
{
	uint64_t owners = c->owned ? 1 + tp_owner_count() : 1;

	return slabs->counts.live_bytes >= owners * POPULATE_FROM_BYTES && c->object_bytes <= POPULATE_OBJECT_MAX;
}

/* Add a slab to the class. Called without the lock, as memory may be mapped. Returns false if there is none. */
static bool add_slab(unsigned class_index, unsigned owner)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct class_slabs *slabs = &classes[class_index];
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
	if (fresh && has_grown(slabs, c))
		tp_region_populate(memory, c->slab_bytes);
	slab->chunk = chunk;
	slab->class_index = (uint8_t)class_index;
	slab->list = TP_SLAB_LIST_NONE;
	slab->owner = (uint8_t)owner;
	tp_slab_bitmap_free_all(c, slab, fresh);
	enter_in_map(c, granule);

	tp_lock_acquire(&slabs->lock);
	relink(slabs, c, granule);
	slabs->empty_count++;
	slabs->counts.backend_calls++;
	slabs->counts.backend_bytes += c->slab_bytes;
	slabs->counts.live_bytes += c->slab_bytes;
	tp_lock_release(&slabs->lock);
	return true;
}

/* Take up to @count objects from the slabs of @lists, the fullest first, to the end of @objects. Returns how many. */
static size_t take_from_lists(
    struct class_slabs *slabs, const struct tp_class *c, struct tp_slab_lists *lists, void **objects, size_t count)
{
	size_t taken = 0;

	for (unsigned list = 0; list < TP_SLAB_LIST_COUNT && taken < count; list++) {
		while (lists->first[list] != TP_SLAB_LIST_NO_SLAB && taken < count) {
			uint32_t granule = lists->first[list] - 1;
			struct tp_slab *slab = tp_slab_at(granule);

			if (slab->free_count == c->slab_objects)
				slabs->empty_count--;
			taken += tp_slab_bitmap_take(
			    c, slab, tp_region_granule_address(granule), objects + count - taken, count - taken);
			tp_slab_list_relink(lists, c, granule);
		}
	}
	return taken;
}

/* Take up to @count objects from the slabs of @owner, or from a slab that another owner spares. Returns how many. */
static size_t take_locked(
    struct class_slabs *slabs, const struct tp_class *c, unsigned owner, void **objects, size_t count)
{
	struct tp_slab_lists *lists = tp_owner_lists(&slabs->lists, c, owner);
	size_t taken = take_from_lists(slabs, c, lists, objects, count);

	if (taken > 0 || !c->owned)
		return taken;
	bool is_large = slabs->counts.live_bytes >= SHARE_FROM_BYTES;
	uint32_t link = tp_owner_adopt(&slabs->lists, c, owner, is_large);

	if (link == TP_SLAB_LIST_NO_SLAB)
		return 0;
	enter_in_map(c, link - 1);
	return take_from_lists(slabs, c, lists, objects, count);
}

size_t tp_slab_take(unsigned class_index, unsigned owner, void **objects, size_t count, enum tp_slab_use use)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct class_slabs *slabs = &classes[class_index];

	if (!c->owned)
		owner = TP_PAGEMAP_NO_OWNER;
	tp_owner_note(owner);
	for (;;) {
		tp_lock_acquire(&slabs->lock);
		size_t taken = take_locked(slabs, c, owner, objects, count);
		if (taken > 0) {
			bool is_get = use == TP_SLAB_GET;

			slabs->counts.from_slab += is_get;
			slabs->counts.refilled += taken - is_get;
		}
		tp_lock_release(&slabs->lock);
		if (taken > 0) {
			/* The objects lie at the end of the array. */
			if (taken < count)
				__builtin_memmove(objects, objects + count - taken, taken * sizeof *objects);
			return taken;
		}
		if (!add_slab(class_index, owner))
			return 0;
	}
}

/* Mark @object of the slab at @granule free. Returns NULL, or what is wrong with @object. */
static const char *give_one(
    struct class_slabs *slabs, const struct tp_class *c, unsigned class_index, uint32_t granule, const void *object)
{
	struct tp_slab *slab = tp_slab_at(granule);
	uint32_t offset = (uint32_t)((uintptr_t)object - (uintptr_t)tp_region_granule_address(granule));
	const char *wrong =
	    slab->class_index == class_index ? tp_slab_bitmap_give(c, slab, offset) : "is not the start of an object";

	/* After most objects the slab stays in its list. */
	if (!wrong && slab->free_count >= slab->list_end)
		relink(slabs, c, granule);
	return wrong;
}

/* Count an empty slab as released. It is in no list any more. Returns its memory. */
static void *account_release(struct class_slabs *slabs, const struct tp_class *c, uint32_t granule)
{
	slabs->empty_count--;
	slabs->counts.backend_calls++;
	slabs->counts.live_bytes -= c->slab_bytes;
	return tp_region_granule_address(granule);
}

/*
 * Count a slab that may have become empty. If it is empty and not the only empty one, remove it from its list.
 * Returns its memory then, else NULL. One empty slab is kept: a need that rises and falls by one object would else take
 * and release a slab each time.
 */
static void *detach_empty(struct class_slabs *slabs, const struct tp_class *c, uint32_t granule)
{
	struct tp_slab *slab = tp_slab_at(granule);

	if (slab->free_count != c->slab_objects || slabs->empty_count++ == 0)
		return NULL;
	tp_slab_list_remove(tp_owner_lists(&slabs->lists, c, slab->owner), slab);
	return account_release(slabs, c, granule);
}

/* Give back the record and the memory of a slab that is in no list. Called without the lock. */
static void release_slab(const struct tp_class *c, void *memory)
{
	uint32_t granule = (uint32_t)tp_region_granule(memory);
	uint32_t chunk = tp_slab_at(granule)->chunk;

	tp_pagemap_set_slab(tp_classes.row, granule, c->slab_bytes >> TP_REGION_GRANULE_SHIFT, 0, TP_PAGEMAP_NO_OWNER);
	tp_slab_record_give(granule);
	give_memory(c, memory, chunk);
}

static void count_give(struct class_slabs *slabs, size_t count, enum tp_slab_reason reason)
{
	if (reason == TP_SLAB_FLUSH)
		slabs->counts.flushed += count;
	else if (reason == TP_SLAB_DROP)
		slabs->counts.spilled += count;
	else if (reason == TP_SLAB_DRAIN)
		slabs->counts.drained += count;
	else
		slabs->counts.refilled -= count;
}

void tp_slab_give(unsigned class_index, void *const *objects, size_t count, enum tp_slab_reason reason)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct class_slabs *slabs = &classes[class_index];
	void *empty[8]; /* the memory of slabs that have become empty */
	size_t done = 0;

	while (done < count) {
		size_t empty_count = 0, first = done;
		const char *wrong = NULL;

		tp_lock_acquire(&slabs->lock);
		for (; done < count && empty_count < sizeof empty / sizeof *empty; done++) {
			uint32_t granule = first_granule(c, objects[done]);

			wrong = give_one(slabs, c, class_index, granule, objects[done]);
			if (wrong)
				break;
			void *memory = detach_empty(slabs, c, granule);
			if (memory)
				empty[empty_count++] = memory;
		}
		count_give(slabs, done - first, reason);
		tp_lock_release(&slabs->lock);
		if (wrong)
			tp_output_fatal_free(objects[done], wrong);
		for (size_t i = 0; i < empty_count; i++)
			release_slab(c, empty[i]);
	}
}

/* Return lists of the class that have an empty slab, or NULL. */
static struct tp_slab_lists *find_empty(struct class_slabs *slabs, const struct tp_class *c)
{
	struct tp_slab_lists *lists = &slabs->lists;

	for (unsigned place = 1; lists && lists->first[TP_SLAB_LIST_EMPTY] == TP_SLAB_LIST_NO_SLAB; place++)
		lists = c->owned ? tp_owner_lists_at(&slabs->lists, c, place) : NULL;
	return lists;
}

bool tp_slab_release_unused(unsigned class_index)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	struct class_slabs *slabs = &classes[class_index];

	for (;;) {
		void *memory = NULL;

		tp_lock_acquire(&slabs->lock);
		struct tp_slab_lists *lists =
		    slabs->takes_seen == slabs->counts.from_slab ? find_empty(slabs, c) : NULL;
		if (lists) {
			uint32_t granule = lists->first[TP_SLAB_LIST_EMPTY] - 1;

			tp_slab_list_remove(lists, tp_slab_at(granule));
			memory = account_release(slabs, c, granule);
		} else {
			slabs->takes_seen = slabs->counts.from_slab;
		}
		bool left = slabs->empty_count > 0;
		tp_lock_release(&slabs->lock);
		if (!memory)
			return left;
		release_slab(c, memory);
	}
}

bool tp_slab_take_idle(uint32_t granule, struct tp_slab_idle *idle)
{
	unsigned class_index = tp_hot_class_map[granule];
	const struct tp_class *c = &tp_classes.row[class_index];
	struct class_slabs *slabs = &classes[class_index];

	*idle = (struct tp_slab_idle){ .granule = granule, .object_bytes = c->object_bytes };
	if (c->object_bytes < IDLE_OBJECT_MIN || c->slab_bytes != TP_SLAB_IDLE_BYTES)
		return false;
	tp_lock_acquire(&slabs->lock);
	/* A slab in no list has no free object, or is about to be released. */
	struct tp_slab *slab = tp_slab_at(granule);
	if (tp_hot_class_map[granule] == class_index && slab->list != TP_SLAB_LIST_NONE) {
		slabs->empty_count -= slab->list == TP_SLAB_LIST_EMPTY;
		idle->bits = tp_slab_bitmap_take_idle(slab);
		idle->left = tp_slab_bitmap_mark_idle(slab);
		relink(slabs, c, granule);
		slabs->empty_count += slab->list == TP_SLAB_LIST_EMPTY;
	}
	tp_lock_release(&slabs->lock);
	return idle->bits != 0;
}

void tp_slab_put_purged(const struct tp_slab_idle *idle)
{
	unsigned class_index = tp_slab_at(idle->granule)->class_index;
	const struct tp_class *c = &tp_classes.row[class_index];
	struct class_slabs *slabs = &classes[class_index];

	tp_lock_acquire(&slabs->lock);
	tp_slab_bitmap_give_purged(tp_slab_at(idle->granule), idle->bits);
	relink(slabs, c, idle->granule);
	void *memory = detach_empty(slabs, c, idle->granule);
	tp_lock_release(&slabs->lock);
	if (memory)
		release_slab(c, memory);
}

void tp_slab_read_counts(unsigned class_index, struct tp_slab_counts *counts)
{
	/* Without the lock: a dump may run in a signal handler whose thread holds it. */
	*counts = classes[class_index].counts;
}

void tp_slab_each_lock(void (*action)(struct tp_lock *lock))
{
	for (unsigned i = 0; i < tp_classes.count; i++)
		action(&classes[i].lock);
}

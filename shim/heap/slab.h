/*
 * Slabs: 64 KiB of objects of one class, or more for objects over 8 KiB; and which objects are free.
 *
 * A record outside the slab (slab_record.h) holds one bit for each object. Objects leave in address order, from the
 * fullest slab that has a free one. A slab of an owned class has an owner: only CPUs of this owner take from it, so
 * that two CPUs do not get parts of one cache line. An owner that has no free object left is handed a slab that
 * another owner can spare. Owns the slab lists, the counts and one short lock of each class.
 * Any thread may call that holds no lock but a turn's. Memory is taken and given back with no lock of a class held.
 */
#ifndef TP_SLAB_H
#define TP_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/base/lock.h"

/* What the slabs of a class count, under the lock of the class. Numbers of objects, unless the name says otherwise. */
struct tp_slab_counts {
	uint64_t from_slab; /* gets that a slab served */
	uint64_t refilled; /* taken for a CPU's stack, beside the one of a get or to warm the stack */
	uint64_t flushed; /* given back by a full stack or overflow */
	uint64_t drained; /* given back by victims */
	uint64_t spilled; /* puts that no stack took */
	uint64_t backend_calls; /* times that the memory of a slab was taken or given back */
	uint64_t backend_bytes; /* bytes of all slabs ever taken */
	uint64_t live_bytes; /* bytes of the slabs that there are now */
};

/* Return the bytes of a slab's record, for tp_region_reserve. */
size_t tp_slab_record_bytes(void);

/* Make the first records usable. Threads: one call, during start, after the region is reserved. */
void tp_slab_start(void);

/* What a take is for: a get, with more objects for the stack; or objects for a stack before its first use. */
enum tp_slab_use { TP_SLAB_GET, TP_SLAB_WARM };

/*
 * Take up to @count objects of a class. Those of one slab are in falling address order, so that the last one pushed on
 * a stack is the lowest.
 * @owner: for an owned class, whose slabs to take from; a new slab or one that another owner spares becomes this
 * owner's. TP_PAGEMAP_NO_OWNER: the slabs without an owner. Other classes ignore it.
 * Returns how many, 0 only if there is no memory.
 * Cost: one lock; memory for a new slab if no slab has a free object.
 */
size_t tp_slab_take(unsigned class_index, unsigned owner, void **objects, size_t count, enum tp_slab_use use);

/* Why objects are given back: which count they belong to. */
enum tp_slab_reason { TP_SLAB_FLUSH, TP_SLAB_DRAIN, TP_SLAB_DROP, TP_SLAB_UNDO };

/*
 * Give @count objects of a class back to their slabs. FLUSH: from a full stack or overflow. DRAIN: from a victim.
 * DROP: a put that no stack took. UNDO: taken by the caller and not used.
 * Errors: stops the program if an address is not the start of an object, or if the object is free already.
 * Cost: one lock, and the release of each slab that becomes empty.
 */
void tp_slab_give(unsigned class_index, void *const *objects, size_t count, enum tp_slab_reason reason);

/*
 * Give the memory of a class's empty slabs back if no get was served by its slabs since the last call.
 * Returns whether empty slabs are left, for the next call.
 */
bool tp_slab_release_unused(unsigned class_index);

#define TP_SLAB_IDLE_BYTES 262144U /* the size of the slabs whose idle objects are purged (purge.h) */

/* Idle objects that have been taken out of their slab. */
struct tp_slab_idle {
	uint32_t granule, object_bytes; /* of the slab: its first granule, the size of its objects */
	uint16_t bits; /* the objects taken out, a bit each */
	bool left; /* other free objects of the slab have pages */
};

/*
 * Take the idle objects out of the slab that begins at @granule: those that have pages and have been free since the
 * last call. Only slabs of TP_SLAB_IDLE_BYTES with objects of 16 KiB or more have idle objects.
 * @granule: any at a multiple of TP_SLAB_IDLE_BYTES; another slab, or none, may lie there. Sets all of @idle.
 * Returns whether any were taken; the caller gives their pages back and calls tp_slab_put_purged.
 */
bool tp_slab_take_idle(uint32_t granule, struct tp_slab_idle *idle);

/* Put idle objects back in their slab, as free objects without pages. */
void tp_slab_put_purged(const struct tp_slab_idle *idle);

/* Read the counts of a class. Exact while no other thread changes them. Threads: any, also a signal handler. */
void tp_slab_read_counts(unsigned class_index, struct tp_slab_counts *counts);

/* Apply @action to the lock of every class. For fork. */
void tp_slab_each_lock(void (*action)(struct tp_lock *lock));

#endif

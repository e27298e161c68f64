/*
 * Slabs: 64 or 256 KiB of objects of one class, and who of them is free.
 *
 * A record per granule, outside the slab, holds one bit an object; objects leave
 * in address order, from the fullest slab that has any.
 * A slab of a owned class has an owner: the CPU that alone takes from it, so that two
 * CPUs are not given parts of one cache line. When another has none left, it is handed
 * one that its owner can do without. Owns the records and one
 * short lock a class. Any thread may call; the backend is called with no lock held.
 */
#ifndef TP_SLAB_H
#define TP_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"
#include "shim/base/lock.h"

/* What the slabs of a class count, under its lock. Objects unless named otherwise. */
struct tp_slab_counts {
	uint64_t from_slab; /* gets served by a slab */
	uint64_t refilled; /* moved on to a CPU's stack beside those */
	uint64_t flushed; /* came back from a full stack */
	uint64_t drained; /* came back from victims that nobody wanted */
	uint64_t spilled; /* puts that no stack took */
	uint64_t backend_calls; /* slabs taken from or given to the backend */
	uint64_t backend_bytes; /* taken from the backend in all */
	uint64_t live_bytes; /* in slabs now */
};

size_t tp_slab_record_bytes(void);
void tp_slab_start(void);

/* What a take is for: a get and what comes along, or objects for a stack before it is used. */
enum tp_slab_use { TP_SLAB_GET, TP_SLAB_WARM };

/*
 * Take up to @count objects of a class, in falling address order, so that the
 * last one pushed on a stack is the lowest. Of a owned class from slabs whose owner is
 * @owner, or which become so; TP_PAGEMAP_NO_OWNER is an owner as well, of all who have none.
 * Returns how many: 0 only when the backend has no memory.
 * Cost: one lock; a call into the backend when no slab has a free object.
 */
size_t tp_slab_take(unsigned class_index, unsigned owner, void **objects, size_t count, enum tp_slab_use use);

/* Which counter a give belongs to. */
enum tp_slab_reason { TP_SLAB_FLUSH, TP_SLAB_DRAIN, TP_SLAB_DROP, TP_SLAB_UNDO };

/*
 * Give @count objects of a class back. FLUSH: from a full stack; DRAIN: from a victim; DROP: a put
 * that no stack took; UNDO: taken a moment ago and not used.
 * Errors: stops the program when an object is not one that was handed out.
 */
void tp_slab_give(unsigned class_index, void *const *objects, size_t count, enum tp_slab_reason reason);

/* Give the kept empty slabs of a class back if no slab of it was taken from since the last call. */
void tp_slab_release_unused(unsigned class_index);

#define TP_SLAB_IDLE_BYTES 262144U /* of a slab whose objects are so large that it is asked for those that idle */

/* Objects of one slab that nobody gets meanwhile, a bit each, and whether others with pages are free. */
struct tp_slab_idle {
	uint32_t granule, object_bytes;
	uint16_t bits;
	bool left;
};

/*
 * Take out of the slab that begins at @granule, if it is one of objects of 16 KiB and more, those that have been free
 * since the last call. Returns whether there are any; they are to be put back, their pages having been given back.
 */
bool tp_slab_take_idle(uint32_t granule, struct tp_slab_idle *idle);
void tp_slab_put_purged(const struct tp_slab_idle *idle);

void tp_slab_read_counts(unsigned class_index, struct tp_slab_counts *counts);

/* Apply @action to the lock of every class. For fork. */
void tp_slab_each_lock(void (*action)(struct tp_lock *lock));

#endif

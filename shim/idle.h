/*
 * Idle objects: of large ones that nobody wanted from one tick to the next, the pages
 * go back to the kernel, whether or not their slab is empty.
 *
 * In three steps, as no lock is held while pages are given back: take such objects out,
 * purge them, put them back (bitmap.h). Owns no data but a count.
 */
#ifndef TP_IDLE_H
#define TP_IDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/bin.h"

#define TP_IDLE_BATCH 64U /* slabs; small, as any thread's stack may have to hold it */

/* Objects of one slab, a bit each. */
struct tp_idle {
	uint32_t granule;
	uint16_t bits;
};

/* Whether objects of a class are so large that this is worth a system call each. */
bool tp_idle_applies(const struct tp_class *c);

/*
 * Take out what has been free since tp_idle_mark, of up to TP_IDLE_BATCH slabs in @bins. Under the lock of the class.
 * Returns how many slabs; the caller has to settle them, and to put the objects back.
 */
size_t tp_idle_take(const struct tp_bins *bins, struct tp_idle idle[TP_IDLE_BATCH]);

/* Give the pages of objects back. Without a lock. */
void tp_idle_purge(const struct tp_class *c, const struct tp_idle *idle);

/* Remember what is free now. Under the lock of the class. */
void tp_idle_mark(const struct tp_bins *bins);

/* Bytes given back so far. */
uint64_t tp_idle_returned_bytes(void);

#endif

/*
 * Purging idle objects: the pages of an object of 16 KiB or more go back to the kernel if the object was free from one
 * tick to the next, although other objects of its slab are in use.
 *
 * No lock of a slab is held while pages are given back: the objects are taken out of their slab, purged, and put back.
 * Owns no data but a count.
 */
#ifndef TP_PURGE_H
#define TP_PURGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Purge the idle objects in chunk @chunk. Called once a tick.
 * Returns whether free objects of such slabs still have pages.
 * Threads: the caller holds a lock that fork takes (the turn's): a child forked meanwhile would lose the objects that
 * are out of their slab.
 */
bool tp_purge_chunk(uint32_t chunk);

/* Return the bytes of pages given back so far. Pages that the program never touched count too. */
uint64_t tp_purge_returned_bytes(void);

#endif

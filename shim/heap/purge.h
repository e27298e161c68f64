/*
 * Idle objects: of large ones that nobody wanted from one tick to the next, the pages
 * go back to the kernel, whether or not their slab is empty.
 *
 * No lock of a slab is held while pages are given back: such objects are taken out of
 * their slab, purged, and put back. Owns no data but a count.
 */
#ifndef TP_PURGE_H
#define TP_PURGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Look at the slabs of a chunk, once a tick. Returns whether free objects with pages are left. The caller
 * keeps the process from forking meanwhile: the child would never get back what is taken out.
 */
bool tp_purge_chunk(uint32_t chunk);

/* Bytes of objects that went back so far, whether or not all their pages had been touched. */
uint64_t tp_purge_returned_bytes(void);

#endif

/*
 * The hot words: what the hot path reads.
 *
 * Six words of one cache line. Start writes them; without restartable sequences the two offsets stay as they are. Later only the pool's cpus.c writes tp_hot_primary (at a turn
 * and a doze) and tp_hot_rseq_offset (around a vfork child), and region.c writes tp_hot_region_bytes (when it shrinks).
 * The words are separate symbols and no struct, so that each is one instruction away: a malloc and its free take
 * 4.6 ns, and with a struct 4.9. Before start every fast path is refused: both offsets lead to an area that says
 * "no CPU", and the only cache has only closed stacks.
 */
#ifndef TP_HOT_H
#define TP_HOT_H

#include <stddef.h>
#include <stdint.h>

struct tp_cache;

/* Declared hidden: for an exported name the compiler would first load the name's address. */
#pragma GCC visibility push(hidden)
extern intptr_t tp_hot_rseq_offset; /* bytes from the thread pointer to struct rseq, or to an area that says "no CPU" */
extern intptr_t tp_hot_cpu_offset; /* bytes from the thread pointer to the cache's number: rseq's cpu_id or mm_cid */
extern struct tp_cache *const *tp_hot_primary; /* the primary cache of each number; no entry is NULL */
extern uintptr_t tp_hot_region_base;
extern size_t tp_hot_region_bytes; /* 0 until the region exists */
extern const uint8_t *tp_hot_class_map; /* the class of each granule (pagemap.h) */

/* Bytes from the thread pointer to an area that says "no CPU" in every thread. Set while the library is relocated. */
extern intptr_t tp_hot_absent_offset;

/* What tp_hot_primary points to before start: one cache, whose every stack is closed. The pool's cpus.c defines it. */
extern struct tp_cache *const tp_hot_before_start[1];
#pragma GCC visibility pop

#endif

/*
 * The hot words: what the hot path reads.
 *
 * Six words of one cache line. Start writes them, and a turn of the generations writes one. They are separate
 * symbols and no struct, so that each is one instruction away: a malloc and its free take 4.6 ns, and took 4.9.
 * Before start every fast path is refused: the two offsets lead to an area that says "no CPU", and the first cache
 * has only closed stacks.
 */
#ifndef TP_HOT_H
#define TP_HOT_H

#include <stddef.h>
#include <stdint.h>

struct tp_cache;

/* Declared hidden: an external name would cost a load of its address each time. */
#pragma GCC visibility push(hidden)
extern intptr_t tp_hot_rseq_offset; /* of struct rseq from the thread pointer */
extern intptr_t tp_hot_cpu_offset; /* of the cache's number: rseq's cpu_id or mm_cid */
extern struct tp_cache *const *tp_hot_primary; /* the cache of each number; no entry is NULL */
extern uintptr_t tp_hot_region_base;
extern size_t tp_hot_region_bytes; /* 0 until the region exists */
extern const uint8_t *tp_hot_class_map; /* class of each 64 KiB of the region */

/* Thread offset of an area that says "no CPU", in every thread. Set while the library is relocated (arch/rseq.h). */
extern intptr_t tp_hot_absent_offset;

/* The table of caches before start: one cache, whose every stack is closed. Defined by the pool's cpus.c. */
extern struct tp_cache *const tp_hot_before_start[1];
#pragma GCC visibility pop

#endif

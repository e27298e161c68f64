/*
 * What the hot path reads: six words of one cache line, written at start and at
 * rare turns. Separate names, so that each is one instruction away.
 *
 * Defined by the architecture (shim/arch), because the two offsets begin as those
 * of an area that says "no CPU": until start has run, every fast path is refused.
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
#pragma GCC visibility pop

#define TP_LIKELY(x) __builtin_expect(!!(x), 1)
#define TP_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define TP_EXPORT __attribute__((visibility("default")))

/* For what every process runs once, in files of which most run nothing else: it lies beside other such code. */
#define TP_START_CODE __attribute__((section(".text.startup")))

/* For the entry points of the hot path: two cache lines of code each, side by side. */
#define TP_HOT_CODE __attribute__((hot, aligned(128)))

#endif

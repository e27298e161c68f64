/*
 * What the hot path reads: one cache line, written at start and at rare turns.
 *
 * Defined in the architecture's assembly (or arch/generic/section.c), because
 * its first word starts as the thread offset of an area that says "no CPU":
 * until start has run, every fast path falls through to the slow one.
 */
#ifndef TP_HOT_H
#define TP_HOT_H

#include <stddef.h>
#include <stdint.h>

struct tp_cache;

struct tp_hot {
	intptr_t rseq_offset;             /* of struct rseq from the thread pointer */
	intptr_t cpu_offset;              /* of the cache number: rseq's cpu_id or mm_cid */
	struct tp_cache *const *primary;  /* cache of each number; never NULL entries */
	uintptr_t region_base;
	size_t region_bytes;              /* 0 until the region exists */
	const uint8_t *class_map;         /* class of each 64 KiB of the region */
	uint64_t reserved[2];
};

#define TP_HOT_RSEQ_OFFSET 0
#define TP_HOT_CPU_OFFSET 8
#define TP_HOT_PRIMARY 16

_Static_assert(offsetof(struct tp_hot, rseq_offset) == TP_HOT_RSEQ_OFFSET, "assembly loads it");
_Static_assert(offsetof(struct tp_hot, cpu_offset) == TP_HOT_CPU_OFFSET, "assembly loads it");
_Static_assert(offsetof(struct tp_hot, primary) == TP_HOT_PRIMARY, "assembly loads it");
_Static_assert(sizeof(struct tp_hot) == 64, "one cache line");

extern struct tp_hot tp_hot;

#define TP_LIKELY(x) __builtin_expect(!!(x), 1)
#define TP_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define TP_EXPORT __attribute__((visibility("default")))

#endif

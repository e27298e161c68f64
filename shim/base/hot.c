/* The hot words, with their values before start. See hot.h. */
#include "shim/base/hot.h"

#if defined(__clang__)
#define HOT_WORD __attribute__((section(".data.hot"))) /* clang keeps the order by itself */
#else
#define HOT_WORD __attribute__((section(".data.hot"), no_reorder))
#endif

/* The six words fill one cache line in this order, from its first byte on (hot_test.c). */
HOT_WORD __attribute__((aligned(64))) intptr_t tp_hot_rseq_offset;
HOT_WORD intptr_t tp_hot_cpu_offset;
HOT_WORD struct tp_cache *const *tp_hot_primary = tp_hot_before_start;
HOT_WORD uintptr_t tp_hot_region_base;
HOT_WORD size_t tp_hot_region_bytes;
HOT_WORD const uint8_t *tp_hot_class_map;

intptr_t tp_hot_absent_offset;

/*
 * No restartable sequences: every attempt is refused, and the slow path locks the CPU's cache. For other
 * architectures, and for counting instructions.
 */
#ifndef TP_RSEQ_FAST_H
#define TP_RSEQ_FAST_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/base/hot.h"

#define TP_STACK_END 1 /* the word after a stack's last slot */
#define TP_CACHE_ROUTES 0
#define TP_CACHE_HEADERS 512

static inline void *tp_rseq_pop(size_t class_index)
{
	(void)class_index;
	return NULL;
}

static inline bool tp_rseq_push(intptr_t stack, void *object)
{
	(void)stack, (void)object;
	return false;
}

static inline bool tp_rseq_put(size_t granule, void *object)
{
	(void)granule, (void)object;
	return false;
}

#endif

/*
 * Requests that the pools do not see: all of them in count mode.
 *
 * Counters by class, in shards by CPU, added to atomically: exact, and cheap enough
 * for a mode that only watches. Any thread may call.
 */
#ifndef TP_PASSTHROUGH_H
#define TP_PASSTHROUGH_H

#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"

/* Of one class; class 0 stands for sizes over the largest pooled one. */
struct tp_passthrough_counts {
	uint64_t gets;
	uint64_t bytes; /* asked for by those gets */
};

/* Count one request of @bytes that was given memory. */
void tp_passthrough_get(size_t bytes);

/* Count one object given back; its class is not known to us. */
void tp_passthrough_put(void);

void tp_passthrough_read(unsigned class_index, struct tp_passthrough_counts *count);
uint64_t tp_passthrough_read_puts(void);

#endif

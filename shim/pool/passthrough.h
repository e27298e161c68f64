/*
 * Requests that the pools do not serve and that go to the next allocator: in count mode all of them.
 *
 * Owns counters by class, in shards by CPU. They are exact, by atomic addition. Any thread may call; no function waits.
 */
#ifndef TP_PASSTHROUGH_H
#define TP_PASSTHROUGH_H

#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"

/* Counts of one class; of class 0: of the sizes over the largest pooled one. */
struct tp_passthrough_counts {
	uint64_t gets;
	uint64_t bytes; /* that these gets asked for */
};

/* Count one request of @bytes that was given memory. */
void tp_passthrough_get(size_t bytes);

/* Count one object that the program gave back. The next allocator has it, so its class is not known. */
void tp_passthrough_put(void);

/* Read the counts of a class since the program began. */
void tp_passthrough_read(unsigned class_index, struct tp_passthrough_counts *count);
/* Return how many objects of all classes the program gave back. */
uint64_t tp_passthrough_read_puts(void);

#endif

/*
 * The next allocator in link order: who serves a request in count and off mode,
 * and who owns a pointer outside the region.
 *
 * Resolved once, at the end of start; until then the table is empty and requests
 * are served by the pools. Any thread may read it after start.
 */
#ifndef TP_NEXT_H
#define TP_NEXT_H

#include <stddef.h>

struct tp_next {
	void *(*malloc)(size_t bytes);
	void (*free)(void *block);
	void *(*calloc)(size_t count, size_t bytes);
	void *(*realloc)(void *block, size_t bytes);
	void *(*memalign)(size_t alignment, size_t bytes);
	size_t (*usable)(void *block);
};

extern struct tp_next tp_next;

/* Find the functions. Calls dlsym, which may allocate: only when malloc works. */
void tp_next_resolve(void);

#endif

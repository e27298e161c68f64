/*
 * Routes: on which of its stacks a CPU puts what it frees.
 *
 * Each home has a map with a byte for every granule, so that the hot path has the stack's
 * number (policy/class.h) for one load: that of the class; that of the class's strays, where
 * the slab has another home; 0, a stack that is always closed, where no put is to be
 * fast. Owns the content of these maps; the region has their memory.
 */
#ifndef TP_ROUTE_H
#define TP_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/class.h"

/* Have slabs that come and go from now on set the routes of a home. Returns false when there is no memory for them. */
bool tp_route_begin(unsigned home);

/*
 * Make those of a home that has begun complete, once: one call at a time, while slabs come and go. Then they are to
 * be used.
 */
void tp_route_complete(const struct tp_class *rows, unsigned home);

/*
 * A slab is where @granule and @count - 1 more are, of a class and with a home: under the lock of
 * that class, or before anybody knows it. Class 0: it is there no longer.
 */
void tp_route_set(const struct tp_class *rows, size_t granule, size_t count, unsigned class_index, unsigned home);

#endif

/*
 * Allocation after a miss of the fast path: what malloc and free do if the CPU's stack has no answer, and the forms
 * of both that have no fast path.
 *
 * Any thread, at any time after relocation, holding no lock. On success errno is kept. A request that fails returns
 * NULL with errno set, and never stops the program.
 */
#ifndef TP_ALLOCATE_H
#define TP_ALLOCATE_H

#include <stdbool.h>
#include <stddef.h>

/* Allocate @bytes at a multiple of 16. */
void *tp_allocate_slow(size_t bytes);

/* Allocate @bytes of zeroes at a multiple of 16. */
void *tp_allocate_zeroed(size_t bytes);

/* Allocate @bytes at a multiple of @alignment, a power of two, and of 16. */
void *tp_allocate_aligned(size_t bytes, size_t alignment);

/* Refuse a request: set errno to ENOMEM. Returns NULL. */
void *tp_allocate_refuse(void);

/*
 * Free @block. NULL does nothing; a block of another allocator is passed to it. errno is kept.
 * Errors: a pointer into the middle of an object is not noticed here, but when its slab is given it (tp_slab_give).
 */
void tp_allocate_free_slow(void *block);

/* Return the bytes that the program may write to @block; 0 for NULL. */
size_t tp_allocate_usable(void *block);

#endif

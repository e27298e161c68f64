/*
 * Allocation behind the entry points: what malloc and free do when the CPU's
 * stack could not answer, and the forms that are no hot path.
 *
 * Any thread, any time after relocation. On success errno is as it was; on failure
 * NULL with errno set, never an abort.
 */
#ifndef TP_ALLOCATE_H
#define TP_ALLOCATE_H

#include <stdbool.h>
#include <stddef.h>

/* Allocate @bytes at a multiple of 16. */
void *tp_allocate_slow(size_t bytes);

/* Allocate @bytes of zeroes. */
void *tp_allocate_zeroed(size_t bytes);

/* Allocate @bytes at a multiple of @alignment, a power of two. */
void *tp_allocate_aligned(size_t bytes, size_t alignment);

/* There is no memory: sets errno to ENOMEM. Returns NULL. */
void *tp_allocate_refuse(void);

/* Free @block, which may be NULL or belong to another allocator. errno is kept. */
void tp_allocate_free_slow(void *block);

/* Bytes that the owner of @block may write; 0 for NULL. */
size_t tp_allocate_usable(void *block);

#endif

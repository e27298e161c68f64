/*
 * Resizing: what realloc does if its fast path has no answer.
 *
 * Any thread, at any time after relocation. errno is kept on success.
 */
#ifndef TP_RESIZE_H
#define TP_RESIZE_H

#include <stddef.h>

/*
 * Resize @block to @bytes. @block: NULL allocates; a block of another allocator is passed to it. @bytes: 0 frees.
 * Returns the block, or NULL: after a free, or with errno set and @block unchanged if there is no memory.
 */
void *tp_resize(void *block, size_t bytes);

#endif

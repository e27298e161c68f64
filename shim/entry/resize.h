/*
 * Resizing: realloc behind its entry points.
 *
 * Any thread, any time after relocation. On success errno is as it was.
 */
#ifndef TP_RESIZE_H
#define TP_RESIZE_H

#include <stddef.h>

/*
 * Resize @block, which may be NULL or belong to another allocator; @bytes may be 0, which frees.
 * Returns NULL with errno set, the block as it was, when there is no memory.
 */
void *tp_resize(void *block, size_t bytes);

#endif

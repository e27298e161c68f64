/*
 * This CPU's stacks of the primary generation: push and pop, fill and empty, and
 * how large they are.
 *
 * By restartable sections (shim/arch), or under the cache's lock where there are
 * none. A stack begins closed and gets its slots when it is first wanted, doubling
 * as it fills up, within the budgets. Any thread may call, holding no lock of a cache.
 */
#ifndef TP_STACK_H
#define TP_STACK_H

#include <stdbool.h>
#include <stddef.h>

/* Pop the newest object, or NULL; push one, or false. Also for threads that have no registration. */
void *tp_stack_pop(unsigned class_index);
bool tp_stack_push(unsigned class_index, void *object);

/* Put up to @count objects on the stack; take up to @count newest off it, oldest of them first. Returns how many. */
size_t tp_stack_fill(unsigned class_index, void *const *objects, size_t count);
size_t tp_stack_empty(unsigned class_index, void **objects, size_t count);

/*
 * Open this CPU's stack of a class, or double its slots up to @limit.
 * Returns whether it has more: not where the limit or a budget is reached.
 */
bool tp_stack_grow(unsigned class_index, unsigned limit);

/* Slots that this CPU's stack of a class has. A hint. */
size_t tp_stack_capacity(unsigned class_index);

#endif

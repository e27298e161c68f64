/*
 * This CPU's stacks of the primary generation: push and pop, fill and empty, and
 * how large they are. A stack is that of a class, or that of its remotes (policy/class.h).
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
void *tp_stack_pop(int stack); /* of a class's */
bool tp_stack_push(int stack, void *object);

/* Put up to @count objects on the stack; take up to @count newest off it, oldest of them first. Returns how many. */
size_t tp_stack_push_batch(int stack, void *const *objects, size_t count);
size_t tp_stack_pop_batch(int stack, void **objects, size_t count);

/*
 * Open a stack of this CPU's, or double its slots up to @limit.
 * Returns whether it has more: not where the limit or a budget is reached.
 */
bool tp_stack_grow(int stack, unsigned limit);

/* Slots that a stack of this CPU's has. A hint. */
size_t tp_stack_capacity(int stack);

#endif

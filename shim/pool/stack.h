/*
 * The stacks of this CPU in the primary generation: push, pop and grow. This CPU is the one on which the thread runs.
 *
 * A stack's number says what lies on it: objects of a class, or a class's remote objects (policy/class.h). A stack
 * begins closed, and anew at each turn. It gets slots when it is first wanted, and doubles as it fills up, within the
 * budgets. Sections do the work (shim/arch/rseq.h); without rseq the cache's lock guards it. Each call works on the
 * generation that is primary when the call commits, and never on a victim. Owns no data. Any thread may call, holding
 * no lock of a cache.
 */
#ifndef TP_STACK_H
#define TP_STACK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Pop the newest object of a class's stack.
 * Returns NULL if the stack is empty or closed, or this thread may not use stacks now (tp_cpus_usable).
 */
void *tp_stack_pop(int stack);

/* Push an object. Returns false if the stack is full or closed, or this thread may not use stacks now. */
bool tp_stack_push(int stack, void *object);

/*
 * Push up to @count objects, the first one first, or pop up to @count of the newest, the oldest of them first. Returns
 * how many the stack had room for, or how many it held. The header does not count these as operations.
 */
size_t tp_stack_push_batch(int stack, void *const *objects, size_t count);
size_t tp_stack_pop_batch(int stack, void **objects, size_t count);

/*
 * Give a stack more slots, at most @limit: open a closed one, or double an open one.
 * Returns whether the stack has more slots. False: the limit or a budget is reached, the cache has no room, or another
 * thread, a turn or a move to another CPU came between.
 */
bool tp_stack_grow(int stack, unsigned limit);

/* Return how many slots a stack of this CPU has. A hint. */
size_t tp_stack_capacity(int stack);

#endif

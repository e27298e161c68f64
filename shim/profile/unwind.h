/*
 * Unwinding by libunwind, from the tables that programs carry for exceptions.
 *
 * The library is opened only if a profile is asked for, by the constructor. It is libunwind-<machine>.so, the variant
 * for other processes, as that one overrides nothing in the host. We give it the functions to look with: the loader's
 * lock-free index finds the tables, registers come from the stack, and no word of memory is read that was not found
 * readable. So the library takes no lock of the loader and keeps no descriptors.
 * Owns the opened library. Any thread may call tp_unwind_take, at any time.
 */
#ifndef TP_UNWIND_H
#define TP_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Open the library and take one stack to try it. Returns false if there is no library that works. */
bool tp_unwind_start(void);

/*
 * Take the calling thread's stack: up to @limit return addresses, the innermost first, those of this library included.
 * Returns how many; 0 if the library cannot be used now: too little stack is left, or a fork has lost one of its locks.
 * May call malloc, so the caller holds no lock of ours. Threads: any, signal handlers too.
 */
size_t tp_unwind_take(uintptr_t *frames, size_t limit);

/*
 * Give the library up if a thread that the fork has lost was unwinding, as that thread may have held a lock of it.
 * In a forked child. @self_is_unwinding: whether the calling thread itself is below an unwinding.
 */
void tp_unwind_start_child(bool self_is_unwinding);

#endif

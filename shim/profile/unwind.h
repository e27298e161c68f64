/*
 * Unwinding by libunwind and the tables that programs carry for exceptions.
 *
 * The library is opened only if a profile is asked for, from the constructor: the
 * variant for other processes, libunwind-<machine>.so, which overrides nothing of
 * the host's, and is given our eyes: the loader's lock-free index for the tables,
 * registers from the stack, and no word of memory that was not found readable. So it
 * takes no lock of the loader and keeps no descriptors.
 */
#ifndef TP_UNWIND_H
#define TP_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Open the library and unwind once. Returns false where there is none that works. */
bool tp_unwind_start(void);

/*
 * Take the calling thread's stack, innermost return address first.
 * Returns how many of @limit; 0 where the library cannot be used now: too little
 * stack left, or a lock of it was lost in a fork. May call malloc, of which the
 * caller must not be afraid; a signal handler may call it.
 */
size_t tp_unwind_take(uintptr_t *frames, size_t limit);

/* In a forked child: whether a lost thread was unwinding, the library is given up. */
void tp_unwind_start_child(bool self_is_unwinding);

#endif

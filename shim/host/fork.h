/*
 * fork, vfork and clone: what a child may find, and what a child may not touch.
 *
 * fork takes every lock in rank order, so that a child never meets one that a
 * lost thread holds. A child that shares our memory without an rseq registration
 * (vfork, clone with CLONE_VM) finds the pools closed until it is gone.
 */
#ifndef TP_FORK_H
#define TP_FORK_H

#include <stdbool.h>
#include <sys/types.h>

/* Register the handlers, once; the constructor's call comes last of all that may. */
void tp_fork_start(void);

/* Close the pools before a child shares our memory; open them when the last such child is gone. */
void tp_vfork_begin(void);

/*
 * Whether this process is such a child. One that was forked past our handlers, by _Fork or the
 * system call, is none: its memory is its own.
 */
bool tp_vfork_shares_memory(void);

/* Returns @result as vfork does: a pid, or -1 with errno set from -result. */
pid_t tp_vfork_end(long result);

#endif

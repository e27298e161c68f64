/*
 * vfork, and clone with CLONE_VM: what a child that shares our memory may not touch.
 *
 * Such a child has no rseq registration, so the kernel would not abort its sections. The pools are therefore closed,
 * for the parent's threads too, until the last such child is gone. Owns the count of these children.
 * arch/x86_64/vfork.S has vfork itself; vfork.c defines clone in libc's place.
 */
#ifndef TP_VFORK_H
#define TP_VFORK_H

#include <stdbool.h>
#include <sys/types.h>

#include "shim/base/lock.h"

/* Close the pools before a child shares our memory. Threads: any; signal handlers too. */
void tp_vfork_begin(void);

/*
 * Open the pools if the last such child is gone.
 * Returns @result as vfork does: a process's number, or -1 with errno set from -@result.
 */
pid_t tp_vfork_end(long result);

/*
 * Return whether this process is such a child. A child that was forked past our handlers, by _Fork or the system call,
 * has memory of its own: false, unless a child that shares our memory existed at that fork.
 */
bool tp_vfork_shares_memory(void);

/* Open the pools in a forked child, whose memory no other process shares. */
void tp_vfork_start_child(void);

/* Guards the count of children. For fork. */
extern struct tp_lock tp_vfork_lock;

#endif

/*
 * fork: what a child finds.
 *
 * fork takes every lock in the order of enum tp_lock_rank, so that no lock in the child is held by a thread that the
 * child does not have. Our handlers are registered before all others. So ours run last before the fork and first after
 * it, and other handlers may allocate. Owns no data. fork.c defines __register_atfork in libc's place.
 */
#ifndef TP_FORK_H
#define TP_FORK_H

/* Register our handlers, once. Called by the constructor, and before any other handlers are registered. */
void tp_fork_start(void);

#endif

/*
 * fork: what a child may find.
 *
 * fork takes every lock in rank order, so that a child never meets a lock that a lost thread holds. Our handlers are
 * registered before anybody else's: they run last before the fork and first after it, so that other handlers may
 * allocate.
 */
#ifndef TP_FORK_H
#define TP_FORK_H

/* Register the handlers, once. Called by the constructor, and before any other handler is registered. */
void tp_fork_start(void);

#endif

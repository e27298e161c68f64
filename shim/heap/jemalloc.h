/*
 * The private jemalloc: its settings, its first call, and what it calls instead of libc.
 *
 * jemalloc sleeps until its first call, which comes when a block is wanted that neither a slab nor a span can serve. In
 * most programs that is never. The first call may come in any thread and under any sandbox, and the program must not
 * notice it. jemalloc's names have the prefix tpje_, and its calls of libc come here (shim/heap/jemalloc.syms).
 * Owns jemalloc's thread-specific key, a stack, and a lock that is held while jemalloc starts.
 */
#ifndef TP_JEMALLOC_H
#define TP_JEMALLOC_H

#include <stdbool.h>
#include <stddef.h>

#include "shim/base/lock.h"

/* jemalloc's mallctl. Source: jemalloc(3). */
int tpje_mallctl(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);

/*
 * Create jemalloc's thread-specific key early: the values of a process's first keys need no memory from malloc.
 * Threads: one call, from the constructor.
 */
void tp_jemalloc_start(void);

/*
 * Call @wanted with @its_argument, for calls of jemalloc that start it or create an arena. After the first success
 * jemalloc is awake. @wanted runs on a stack of ours: one frame of jemalloc's start takes two thirds of the smallest
 * stack that a thread can have. One thread at a time runs, under tp_jemalloc_start_lock, although memory is mapped.
 * Returns what @wanted returned, or false to a thread that is in here already.
 */
bool tp_jemalloc_run(bool (*wanted)(void *), void *its_argument);

/* Return whether jemalloc has started. */
bool tp_jemalloc_is_awake(void);

/*
 * Make this thread's first call of jemalloc, if jemalloc is awake: that call may ask malloc for room for the thread's
 * keys. For fork, before it takes any lock.
 */
void tp_jemalloc_touch(void);

/* Held during tp_jemalloc_run. A thread that takes it holds no lock of a later rank (lock.h). For fork. */
extern struct tp_lock tp_jemalloc_start_lock;

/* Run jemalloc's own fork handlers: before a fork, and after it in the parent and in the child. */
void tp_jemalloc_fork_prepare(void);
void tp_jemalloc_fork_parent(void);
void tp_jemalloc_fork_child(void);

#endif

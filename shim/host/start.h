/*
 * Start: from the first call of any entry point to a working library.
 *
 * tp_start may be the first thing that runs in the process, before libc's and any
 * other constructor. What needs more of libc waits for our own (load.c).
 */
#ifndef TP_START_H
#define TP_START_H

/*
 * Make the library work. Idempotent; every slow path calls it first.
 * Threads: any; those that come while another one starts wait for it.
 */
void tp_start(void);

#endif

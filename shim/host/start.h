/*
 * Start: from the first call of any entry point to a working library.
 *
 * tp_start may be the first function that runs in the process, before libc's constructors and all others. The part of
 * start that needs more of libc waits for our own constructor (constructor.c). Owns the state of the start.
 */
#ifndef TP_START_H
#define TP_START_H

/*
 * Make the library work, on the first call. Every slow path calls it first.
 * Threads: any. A thread that comes while another one starts waits for it. Cost after start: a load and a branch.
 */
void tp_start(void);

#endif

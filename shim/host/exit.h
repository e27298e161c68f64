/*
 * The end of the process: the statistics are written and the live file is removed.
 *
 * This happens after exit, a return from main, quick_exit, _exit and _Exit, once for each process that owns its memory.
 * Nothing happens unless an option asks for it. Owns no data. exit.c defines _exit and _Exit in libc's place.
 */
#ifndef TP_EXIT_H
#define TP_EXIT_H

/* Register for quick_exit. Called once, by the constructor. */
void tp_exit_start(void);

#endif

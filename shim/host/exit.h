/*
 * The end of the process: the statistics appear, and the live file goes, after exit(),
 * return from main, quick_exit, _exit and _Exit. Nothing here runs unless asked for.
 */
#ifndef TP_EXIT_H
#define TP_EXIT_H

/* Register for quick_exit. Called once, from the constructor. */
void tp_exit_start(void);

#endif

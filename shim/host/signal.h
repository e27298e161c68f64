/*
 * The signal that TIDEPOOL_STATS_SIGNAL names: it writes the statistics, and then does what the program wants of it.
 *
 * Without that option nothing here changes anything. signal.c defines sigaction, signal and the like in libc's place.
 */
#ifndef TP_SIGNAL_H
#define TP_SIGNAL_H

/* Install our handler for the signal, if one is named. Called once, by the constructor. */
void tp_signal_start(void);

/* Free the lock, which a thread of the parent may have held. Only for a forked child. */
void tp_signal_reset_lock(void);

#endif

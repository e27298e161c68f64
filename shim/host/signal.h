/*
 * The signal named by TIDEPOOL_STATS_SIGNAL: dumps the statistics, then does what
 * the host program wanted of it. Without that option nothing here changes anything.
 */
#ifndef TP_SIGNAL_H
#define TP_SIGNAL_H

/* Take over the signal, if one is named. Called once, from the constructor. */
void tp_signal_start(void);

/* Forget a change that another thread was making: only in a forked child. */
void tp_signal_reset_lock(void);

#endif

/*
 * The timer: who notices that a tick is due.
 *
 * inline: slow paths look at the clock. thread: a small thread sleeps from tick to
 * tick, for good while nothing is held. auto: inline until the program starts a
 * thread of its own, so that a single-threaded program stays one.
 */
#ifndef TP_TIMER_H
#define TP_TIMER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What slow paths must do: bits of tp_timer_duty. */
enum tp_timer_duty {
	TP_TIMER_LOOK = 1, /* look at the clock: no thread does */
	TP_TIMER_WAKE = 2, /* the thread dozes: wake it */
	TP_TIMER_START = 4, /* a forked child whose parent had the thread: start it */
};
extern _Atomic uint32_t tp_timer_duty __attribute__((visibility("hidden")));

/* Set up by the options: from start, and once libc works. */
void tp_timer_start(void);
void tp_timer_start_with_libc(void);

/* The program has started a thread of its own: in auto mode ours follows. */
void tp_timer_start_with_threads(void);

/*
 * End our thread, for a program that has none but the caller any more and must be seen to: it follows the program's
 * next one again. Returns whether there was one, and it is gone.
 */
bool tp_timer_end_thread(void);

/* Do what tp_timer_duty asks for. May turn the generations. errno is kept. */
void tp_timer_attend(void);

/* To be called on every slow path, holding no lock. Cost: a load, where the thread keeps time. */
static inline void tp_timer_notice(void)
{
	if (atomic_load_explicit(&tp_timer_duty, memory_order_relaxed) != 0)
		tp_timer_attend();
}

/*
 * Have @function called each time @period_ns have passed, or with 0 after each turn of the generations.
 * Whoever keeps time calls it, which may be any slow path, holding no lock; a period shorter than the tick is looked
 * at once a tick. Two calls may overlap if @period_ns is 0; never in a vfork child otherwise.
 * Returns false if @period_ns is 0 and the generations do not turn. Threads: the constructor.
 */
bool tp_timer_every(uint64_t period_ns, void (*function)(void));

/* Let go of everything now, as malloc_trim asks. */
void tp_timer_release_all(void);

/* In a forked child: the thread is gone. */
void tp_timer_start_child(void);

/* Ticks, and turns brought forward by memory pressure, since the process began. */
struct tp_timer_counts {
	uint64_t ticks;
	uint64_t pressure_events;
};
void tp_timer_read_counts(struct tp_timer_counts *counts);

#endif

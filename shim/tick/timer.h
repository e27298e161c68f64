/*
 * The timer: notices that a tick is due, turns the generations, and calls its subscribers.
 *
 *   inline   slow paths look at the clock
 *   thread   a small thread of ours sleeps from tick to tick, and without end while nothing is held (it dozes)
 *   auto     inline until the program starts a thread of its own, so that a program with one thread keeps one
 *
 * Owns the thread and the list of subscribers. Any thread may call. A subscriber is never called with a lock held.
 */
#ifndef TP_TIMER_H
#define TP_TIMER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What slow paths have to do for the timer: bits of tp_timer_duty. */
enum tp_timer_duty {
	TP_TIMER_LOOK = 1, /* look at the clock, as no thread does */
	TP_TIMER_WAKE = 2, /* wake our thread, which dozes or is about to */
	TP_TIMER_START = 4, /* start our thread: this is a forked child, and its parent had one */
};
extern _Atomic uint32_t tp_timer_duty __attribute__((visibility("hidden")));

/* Have slow paths keep time, if the generations turn at all. Called once, by tp_start. */
void tp_timer_start(void);

/* Start our thread in thread mode, and watch for the end of the main thread. Called once, by the constructor. */
void tp_timer_start_with_libc(void);

/* Start our thread in auto mode, if it does not run: the program has just started a thread. Threads: any. */
void tp_timer_start_with_threads(void);

/*
 * End our thread, for a program that has only the calling thread left and asks the kernel for what only a process
 * with one thread may do. In auto mode the program's next thread brings ours back; in thread mode nothing does.
 * Returns whether there was such a thread and it has ended. Waits up to a second or a little more for a tick.
 */
bool tp_timer_end_thread(void);

/* Do what tp_timer_duty asks for. May turn the generations and call subscribers. Holding no lock. errno is kept. */
void tp_timer_attend(void);

/* Give the timer its chance. Every slow path calls this, holding no lock. Cost: one load if our thread keeps time. */
static inline void tp_timer_notice(void)
{
	if (atomic_load_explicit(&tp_timer_duty, memory_order_relaxed) != 0)
		tp_timer_attend();
}

/*
 * Have @function called each time @period_ns have passed, or, if @period_ns is 0, at each tick after the turn.
 * The thread that keeps time calls @function: ours, or any thread on its slow path. It holds no lock. The timer looks
 * once a tick, so a shorter period is as long as a tick. Two calls of one function may overlap if one of them
 * lasts longer than a tick or a period. With a period, @function is never called in a vfork child.
 * Returns false if @period_ns is 0 and the generations do not turn. Threads: the constructor.
 */
bool tp_timer_every(uint64_t period_ns, void (*function)(void));

/* Give all that the pools hold back now. For malloc_trim. */
void tp_timer_release_all(void);

/* Go on without our thread, in a forked child. In thread mode the child's first slow path starts the thread anew. */
void tp_timer_start_child(void);

/* Since the program began; a forked child goes on counting from what its parent had. */
struct tp_timer_counts {
	uint64_t ticks;
	uint64_t pressure_events; /* times that memory pressure emptied the pools */
};

/* Read the counts. */
void tp_timer_read_counts(struct tp_timer_counts *counts);

#endif

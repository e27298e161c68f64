/* The timer: keeping time inline and by a thread, the doze, the subscribers. See timer.h. */
#include "shim/tick/timer.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "shim/base/clock.h"
#include "shim/base/libc.h"
#include "shim/base/process.h"
#include "shim/pool/cpus.h"
#include "shim/tick/admission.h"
#include "shim/tick/pressure.h"
#include "shim/tick/turn.h"

#define SUBSCRIBERS_MAX 2 /* the live file, and statistics at intervals */
#define STACK_BYTES 65536U /* of our thread */
#define STACK_BYTES_MAX (8U << 20) /* of our thread, if the program's thread-local data need so much of it */
#define END_TRIES 10000 /* of 0.1 ms each: a tick may be under way, or our thread may wait for a CPU */

_Atomic uint32_t tp_timer_duty;
static _Atomic uint64_t next_tick_ns; /* of the coarse clock; while slow paths keep time */
static _Atomic uint32_t wake_word; /* a futex: changes when our thread has to look at its duties */
static _Atomic bool running; /* our thread exists or is being started */
static _Atomic bool stopping; /* our thread has to end */
static _Atomic uint64_t ticks, pressure_events; /* see struct tp_timer_counts */
static pthread_t own_thread; /* set while running */

/* The functions to call, in the order of their subscription. The constructor alone adds one; none is removed. */
static struct subscriber {
	void (*_Atomic function)(void); /* NULL: none from here on */
	uint64_t period_ns; /* 0: at every tick, after the turn */
	_Atomic uint64_t due_ns; /* CLOCK_MONOTONIC; used if there is a period */
} subscribers[SUBSCRIBERS_MAX];

/* Whether the generations turn. If not, the timer serves subscribers with a period, or does nothing. */
static bool turns(void)
{
	return tp_process.options.tick.number != 0 && tp_process.mode == TP_MODE_POOL;
}

/* Return the time between two ticks; 0: no time is kept. */
static uint64_t tick_length_ns(void)
{
	return turns() ? tp_process.options.tick.number : tp_process_interval_ns();
}

/*
 * Both are seq_cst: our thread sets the duty to wake and then looks whether anything is held; a slow path makes
 * something held and then reads the duties.
 */
static void add_duty(uint32_t duty)
{
	atomic_fetch_or_explicit(&tp_timer_duty, duty, memory_order_seq_cst);
}

static void end_duty(uint32_t duty)
{
	atomic_fetch_and_explicit(&tp_timer_duty, ~duty, memory_order_seq_cst);
}

/* Call the subscribers without a period if the generations have @turned, and those with a period if they are due. */
static void call_subscribers(bool turned)
{
	for (struct subscriber *one = subscribers; one < subscribers + SUBSCRIBERS_MAX; one++) {
		/* acquire: pairs with the release in tp_timer_every */
		void (*function)(void) = atomic_load_explicit(&one->function, memory_order_acquire);

		if (!function)
			return;
		if (one->period_ns == 0) {
			if (turned)
				function();
			continue;
		}
		uint64_t now = tp_clock_now_ns(), due = atomic_load_explicit(&one->due_ns, memory_order_relaxed);
		/* If several threads come here, one of them calls. A vfork child never calls. */
		if (now >= due && tp_process_owns_memory() &&
		    atomic_compare_exchange_strong_explicit(
			&one->due_ns, &due, now + one->period_ns, memory_order_relaxed, memory_order_relaxed))
			function();
	}
}

static void tick(void)
{
	bool turned = turns();

	if (turned) {
		atomic_fetch_add_explicit(&ticks, 1, memory_order_relaxed);
		/* Admission decides before the turn, as the generation that begins then opens the admitted classes. */
		tp_turn_try(tp_admission_tick);
	}
	call_subscribers(turned);
}

/* ---- inline */

static void look_at_clock(void)
{
	uint64_t now = tp_clock_coarse_ns();
	uint64_t due = atomic_load_explicit(&next_tick_ns, memory_order_relaxed);

	if (now < due || !tp_cpus_usable())
		return;
	/* A child that shares our memory must not turn the generations of its parent. */
	if (__atomic_load_n(&tp_cpus_are_shared, __ATOMIC_RELAXED) && !tp_process_owns_memory())
		return;
	/* If several threads come here, one of them ticks. */
	if (atomic_compare_exchange_strong_explicit(
		&next_tick_ns, &due, now + tick_length_ns(), memory_order_relaxed, memory_order_relaxed))
		tick();
}

/* ---- the thread */

/*
 * Sleep until the wake word is no longer @seen, a signal comes or @timeout has passed. A caller that reads the word
 * first and then looks whether it may sleep misses no wake.
 */
static void sleep_until_woken(uint32_t seen, const struct timespec *timeout)
{
	syscall(SYS_futex, &wake_word, FUTEX_WAIT_PRIVATE, seen, timeout, NULL, 0);
}

static uint32_t read_wake_word(void)
{
	return atomic_load_explicit(&wake_word, memory_order_seq_cst);
}

static void wake_thread(void)
{
	atomic_fetch_add_explicit(&wake_word, 1, memory_order_seq_cst);
	syscall(SYS_futex, &wake_word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static bool is_stopping(void)
{
	return atomic_load_explicit(&stopping, memory_order_seq_cst);
}

/* If nothing is held, sleep until a thread wakes us. In a doze every path is slow, so the first request does. */
static void doze(void)
{
	add_duty(TP_TIMER_WAKE);
	if (tp_turn_doze()) {
		for (;;) {
			uint32_t seen = read_wake_word();

			if (!(atomic_load_explicit(&tp_timer_duty, memory_order_seq_cst) & TP_TIMER_WAKE) ||
			    is_stopping())
				break;
			sleep_until_woken(seen, NULL);
		}
		tp_cpus_wake();
	}
	end_duty(TP_TIMER_WAKE);
}

static void *keep_time(void *unused)
{
	uint64_t length = tick_length_ns();
	const struct timespec period = { (time_t)(length / 1000000000), (long)(length % 1000000000) };
	/* With intervals our thread writes statistics, and for that may need a descriptor of the program. */
	bool watch = turns() && tp_process.options.pressure.number == TP_PRESSURE_ON &&
		     (tp_process_interval_ns() != 0 || tp_pressure_take_descriptors());

	(void)unused;
	prctl(PR_SET_NAME, "tidepool");
	for (;;) {
		uint32_t seen = read_wake_word();

		if (!is_stopping())
			sleep_until_woken(seen, &period);
		if (is_stopping())
			break;
		tick();
		if (watch && tp_pressure_rises(tp_clock_now_ns())) {
			atomic_fetch_add_explicit(&pressure_events, 1, memory_order_relaxed);
			tp_turn_release_all();
		}
		if (tp_process_interval_ns() == 0 && tp_cpus_is_empty())
			doze();
	}
	atomic_store_explicit(&running, false, memory_order_release);
	add_duty(TP_TIMER_LOOK);
	return NULL;
}

/* Start our thread, unless it runs. If that fails, slow paths keep time. */
static void start_thread(void)
{
	bool was_running = false;
	pthread_attr_t attributes;
	sigset_t all;
	int error = EAGAIN;

	if (!atomic_compare_exchange_strong_explicit(
		&running, &was_running, true, memory_order_acq_rel, memory_order_acquire))
		return;
	end_duty(TP_TIMER_LOOK); /* the thread takes this duty over, and gives it back when it ends */
	sigfillset(&all);
	/* A sandbox may trap a call of our thread. If SIGSYS were blocked then, the kernel would end the program. */
	sigdelset(&all, SIGSYS);
	pthread_attr_init(&attributes);
	pthread_attr_setsigmask_np(&attributes, &all);
	for (size_t bytes = STACK_BYTES; error != 0 && bytes <= STACK_BYTES_MAX; bytes *= 4)
		if (pthread_attr_setstacksize(&attributes, bytes) == 0)
			error = tp_libc.pthread_create(&own_thread, &attributes, keep_time, NULL);
	pthread_attr_destroy(&attributes);
	if (error != 0) {
		atomic_store_explicit(&running, false, memory_order_release);
		add_duty(TP_TIMER_LOOK);
	}
}

bool tp_timer_end_thread(void)
{
	if (!atomic_load_explicit(&running, memory_order_acquire))
		return false;
	atomic_store_explicit(&stopping, true, memory_order_seq_cst);
	wake_thread();
	for (int i = 0; i < END_TRIES; i++) {
		if (pthread_tryjoin_np(own_thread, NULL) == 0) {
			atomic_store_explicit(&stopping, false, memory_order_seq_cst);
			return true;
		}
		usleep(100);
	}
	return false; /* stopping stays set: the thread will end, and no other can run after it */
}

/* Whether time is kept, and in @mode. */
static bool wants_thread(enum tp_timer_mode mode)
{
	return tick_length_ns() != 0 && tp_process.options.timer.number == mode;
}

void tp_timer_attend(void)
{
	int saved_errno = errno;
	uint32_t duty = atomic_load_explicit(&tp_timer_duty, memory_order_seq_cst);

	if (duty & TP_TIMER_WAKE) {
		end_duty(TP_TIMER_WAKE);
		tp_cpus_wake();
		wake_thread();
	}
	/* Not in a vfork child: a thread that it starts would not be one of its parent. */
	if ((duty & TP_TIMER_START) && tp_process_owns_memory()) {
		end_duty(TP_TIMER_START);
		start_thread();
	}
	if (duty & TP_TIMER_LOOK)
		look_at_clock();
	errno = saved_errno;
}

void tp_timer_start(void)
{
	if (tick_length_ns() == 0)
		return;
	atomic_store_explicit(&next_tick_ns, tp_clock_coarse_ns() + tick_length_ns(), memory_order_relaxed);
	add_duty(TP_TIMER_LOOK);
}

/*
 * The main thread may end before the others, by pthread_exit, thrd_exit or a cancellation. The process then ends with
 * its last thread. Our thread must not be the last, so it ends when the main thread does.
 */
static pthread_key_t main_thread_key; /* its destructor runs when the main thread ends */
static bool watches_main_thread; /* there is such a key */

static void main_thread_leaves(void *unused)
{
	(void)unused;
	atomic_store_explicit(&stopping, true, memory_order_seq_cst);
	wake_thread();
}

static void watch_main_thread(void)
{
	if (watches_main_thread)
		pthread_setspecific(main_thread_key, &watches_main_thread);
}

void tp_timer_start_with_libc(void)
{
	if (!wants_thread(TP_TIMER_THREAD) && !wants_thread(TP_TIMER_AUTO))
		return;
	watches_main_thread = pthread_key_create(&main_thread_key, main_thread_leaves) == 0;
	watch_main_thread();
	if (wants_thread(TP_TIMER_THREAD))
		start_thread();
}

void tp_timer_start_with_threads(void)
{
	if (wants_thread(TP_TIMER_AUTO))
		start_thread();
}

bool tp_timer_every(uint64_t period_ns, void (*function)(void))
{
	struct subscriber *one = subscribers;

	if (period_ns == 0 && !turns())
		return false;
	while (one < subscribers + SUBSCRIBERS_MAX && atomic_load_explicit(&one->function, memory_order_relaxed))
		one++;
	if (one == subscribers + SUBSCRIBERS_MAX)
		return false;
	one->period_ns = period_ns;
	atomic_store_explicit(&one->due_ns, tp_clock_now_ns() + period_ns, memory_order_relaxed);
	/* release: pairs with the acquire in call_subscribers */
	atomic_store_explicit(&one->function, function, memory_order_release);
	return true;
}

void tp_timer_release_all(void)
{
	tp_turn_release_all();
	tp_timer_notice(); /* the turn has ended a doze, if there was one, and our thread must know */
}

void tp_timer_start_child(void)
{
	bool had = atomic_exchange_explicit(&running, false, memory_order_relaxed);

	if (tick_length_ns() == 0)
		return;
	watch_main_thread();
	for (struct subscriber *one = subscribers; one < subscribers + SUBSCRIBERS_MAX; one++)
		atomic_store_explicit(&one->due_ns, tp_clock_now_ns() + one->period_ns, memory_order_relaxed);
	atomic_store_explicit(&stopping, false, memory_order_relaxed);
	atomic_store_explicit(&next_tick_ns, tp_clock_coarse_ns() + tick_length_ns(), memory_order_relaxed);
	/*
	 * In auto mode slow paths keep time until the child starts a thread. In thread mode the stacks are closed, so
	 * that the child's first request or free is slow and starts our thread.
	 */
	bool starts = had && wants_thread(TP_TIMER_THREAD);
	atomic_store_explicit(
	    &tp_timer_duty, TP_TIMER_LOOK | (starts ? TP_TIMER_START | TP_TIMER_WAKE : 0), memory_order_relaxed);
	if (starts)
		tp_cpus_close_stacks();
	else if (had)
		tp_cpus_wake(); /* not if there was no thread: nothing dozed, and a handler's fork may hold the lock */
}

void tp_timer_read_counts(struct tp_timer_counts *counts)
{
	counts->ticks = atomic_load_explicit(&ticks, memory_order_relaxed);
	counts->pressure_events = atomic_load_explicit(&pressure_events, memory_order_relaxed);
}

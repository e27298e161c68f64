/* The timer: inline, thread, doze. See timer.h. */
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
#define STACK_BYTES 65536U
#define END_TRIES 10000 /* of 0.1 ms: a tick may be under way, and the thread wait for a CPU */
#define STACK_BYTES_MAX (8U << 20) /* where the program's thread-local data need more */

_Atomic uint32_t tp_timer_duty;
static _Atomic uint64_t next_tick_ns;
static _Atomic uint32_t wake_word; /* changes when the thread is to look up */
static _Atomic bool running, stopping;
static _Atomic uint64_t ticks, pressure_events;
static pthread_t own_thread; /* while running */

/* Who is called, in the order of asking. Added by the constructor alone, and never removed. */
static struct subscriber {
	void (*_Atomic function)(void); /* NULL: none from here on */
	uint64_t period_ns; /* 0: after every turn */
	_Atomic uint64_t due_ns;
} subscribers[SUBSCRIBERS_MAX];
static uint64_t shortest_period_ns; /* of the subscribers that have one; 0: none has */

/* Whether generations turn. Otherwise time is kept for subscribers with a period alone, or not at all. */
static bool turns(void)
{
	return tp_process.options.tick.number != 0 && tp_process.mode == TP_MODE_POOL;
}

/* 0: no time is kept. */
static uint64_t tick_length_ns(void)
{
	return turns() ? tp_process.options.tick.number : shortest_period_ns;
}

static void add_duty(uint32_t duty)
{
	atomic_fetch_or_explicit(&tp_timer_duty, duty, memory_order_seq_cst);
}

static void end_duty(uint32_t duty)
{
	atomic_fetch_and_explicit(&tp_timer_duty, ~duty, memory_order_seq_cst);
}

/* Call the subscribers: those without a period if the generations have @turned, the others if they are due. */
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
		/* Of several threads that come here one calls, and a vfork child never. */
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
		tp_turn_try(tp_admission_tick); /* first, as the generation that begins with the turn goes by it */
	}
	call_subscribers(turned);
}

/* ---- inline */

static void look_at_clock(void)
{
	uint64_t now = tp_clock_coarse_ns();
	uint64_t due = atomic_load_explicit(&next_tick_ns, memory_order_relaxed);

	/* A child that shares our memory must not turn what its parent's threads use. */
	if (now < due || !tp_cpus_usable())
		return;
	if (atomic_compare_exchange_strong_explicit(
		&next_tick_ns, &due, now + tick_length_ns(), memory_order_relaxed, memory_order_relaxed))
		tick();
}

/* ---- the thread */

/* Sleep unless the wake word is no longer @seen: who reads it before looking misses no wake. */
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

/* Sleep for good if nothing is held; the first slow path, which is then every path, wakes. */
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
	/* Statistics at intervals may go to a descriptor of the program's. */
	bool watch = turns() && tp_process.options.pressure.number == TP_PRESSURE_ON &&
		     (shortest_period_ns != 0 || tp_pressure_take_descriptors());

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
		if (shortest_period_ns == 0 && tp_cpus_is_empty())
			doze();
	}
	atomic_store_explicit(&running, false, memory_order_release);
	add_duty(TP_TIMER_LOOK);
	return NULL;
}

/* Start the thread, once; without it, slow paths keep time. */
static void start_thread(void)
{
	bool was_running = false;
	pthread_attr_t attributes;
	sigset_t all;
	int error = EAGAIN;

	if (!atomic_compare_exchange_strong_explicit(
		&running, &was_running, true, memory_order_acq_rel, memory_order_acquire))
		return;
	end_duty(TP_TIMER_LOOK); /* the thread takes it over, and gives it back when it stops */
	sigfillset(&all);
	sigdelset(
	    &all, SIGSYS); /* a sandbox's: where it traps a call of ours and this was blocked, the program would end */
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
	return false; /* it will end, and there is no other then */
}

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
	/* Not in a vfork child, whose thread would be none of its parent's. */
	if ((duty & TP_TIMER_START) && tp_process_owns_memory()) {
		end_duty(TP_TIMER_START);
		start_thread();
	}
	if (duty & TP_TIMER_LOOK)
		look_at_clock();
	errno = saved_errno;
}

/* Keep time from now on, by the slow paths until a thread takes over. */
static void keep_time_inline(void)
{
	atomic_store_explicit(&next_tick_ns, tp_clock_coarse_ns() + tick_length_ns(), memory_order_relaxed);
	add_duty(TP_TIMER_LOOK);
}

void tp_timer_start(void)
{
	if (turns())
		keep_time_inline();
}

/*
 * A main thread may leave before the others, by pthread_exit, thrd_exit or a
 * cancellation. The process then ends with its last thread: ours must not be it.
 */
static pthread_key_t main_thread_key;
static bool watches_main_thread;

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
	while (atomic_load_explicit(&one->function, memory_order_relaxed))
		one++;
	one->period_ns = period_ns;
	atomic_store_explicit(&one->due_ns, tp_clock_now_ns() + period_ns, memory_order_relaxed);
	if (period_ns != 0 && (shortest_period_ns == 0 || period_ns < shortest_period_ns))
		shortest_period_ns = period_ns;
	/* release: pairs with the acquire in call_subscribers */
	atomic_store_explicit(&one->function, function, memory_order_release);
	if (!turns())
		keep_time_inline();
	return true;
}

void tp_timer_release_all(void)
{
	tp_turn_release_all();
	tp_timer_notice(); /* a turn ends a doze; its thread must know */
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
	 * In auto mode a child keeps time by itself until it starts a thread. In thread
	 * mode its first request or free, none of which is fast until then, brings ours.
	 */
	bool starts = had && wants_thread(TP_TIMER_THREAD);
	atomic_store_explicit(
	    &tp_timer_duty, TP_TIMER_LOOK | (starts ? TP_TIMER_START | TP_TIMER_WAKE : 0), memory_order_relaxed);
	if (starts)
		tp_cpus_close_stacks();
	else if (had)
		tp_cpus_wake(); /* without our thread nobody dozed, and who forks in a handler may hold the lock */
}

void tp_timer_read_counts(struct tp_timer_counts *counts)
{
	counts->ticks = atomic_load_explicit(&ticks, memory_order_relaxed);
	counts->pressure_events = atomic_load_explicit(&pressure_events, memory_order_relaxed);
}

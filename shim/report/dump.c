/* The dump: which thread writes, and what. See dump.h. @rare */
#include "shim/report/dump.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "shim/base/compiler.h"
#include "shim/base/process.h"
#include "shim/base/text.h"
#include "shim/profile/heap_file.h"
#include "shim/profile/histogram.h"
#include "shim/profile/profile.h"
#include "shim/report/dump_json.h"
#include "shim/report/dump_text.h"
#include "shim/report/snapshot.h"
#include "shim/report/stats_file.h"
#include "shim/tick/turn.h"

#define PAGE_TEXT_BYTES 262144 /* all classes in JSON; only pages that are written take memory */
#define END_WAIT_MS 10000

/* The lock of the page: the thread that fills it, or 0. Not a tp_lock, as a thread has to know its own. */
static _Atomic pid_t page_owner;
static char page[PAGE_TEXT_BYTES];
static struct tp_snapshot snapshot; /* of the thread that fills the page */

/*
 * Take the page. Returns false if it is taken. A dump AT_END waits for a dump of another thread, which the end of the
 * process would cut off. It does not wait for one of its own thread, below a signal handler; and not without end, as a
 * handler may have jumped out of a dump.
 */
static bool take_page(enum tp_dump_moment moment)
{
	pid_t self = gettid();

	for (int waited_ms = 0; waited_ms < END_WAIT_MS; waited_ms++) {
		pid_t owner = 0;

		/* acquire: pairs with the release in give_page */
		if (atomic_compare_exchange_strong_explicit(
			&page_owner, &owner, self, memory_order_acquire, memory_order_relaxed))
			return true;
		if (moment != TP_DUMP_AT_END || owner == self)
			return false;
		poll(NULL, 0, 1);
	}
	return false;
}

static void give_page(void)
{
	/* release: pairs with the acquire in take_page */
	atomic_store_explicit(&page_owner, 0, memory_order_release);
}

static void write_page(enum tp_dump_moment moment)
{
	struct tp_text text = tp_histogram_on ? tp_histogram_page() : (struct tp_text)TP_TEXT(page);

	/* Between turns, so that objects that a turn moves are counted once. */
	bool held = tp_turn_try_hold();
	tp_snapshot_take(&snapshot);
	if (held)
		tp_turn_end_hold();
	if (moment == TP_DUMP_AS_LINE || tp_process.options.stats.number == TP_STATS_JSON)
		tp_dump_json_add(&text, &snapshot);
	else
		tp_dump_text_add(&text, &snapshot);
	tp_stats_file_write(&text);
}

TP_START_CODE bool tp_dump_is_wanted(void)
{
	return tp_process.options.stats.number != TP_STATS_OFF || tp_profile_on;
}

void tp_dump_write(enum tp_dump_moment moment)
{
	static _Atomic pid_t ended; /* the process that has written its last dump */
	int saved_errno = errno, cancel_state;
	pid_t none = atomic_load_explicit(&ended, memory_order_relaxed);

	if (moment == TP_DUMP_AT_END &&
	    (none == tp_process.pid || !atomic_compare_exchange_strong_explicit(
					   &ended, &none, tp_process.pid, memory_order_relaxed, memory_order_relaxed)))
		return;
	/* A thread that is cancelled while it writes would never give the page back. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_state);
	if (take_page(moment)) {
		if (moment == TP_DUMP_AS_LINE || tp_process.options.stats.number != TP_STATS_OFF)
			write_page(moment);
		if (moment != TP_DUMP_AS_LINE && tp_profile_on)
			tp_heap_file_write();
		give_page();
	}
	pthread_setcancelstate(cancel_state, NULL);
	errno = saved_errno;
}

void tp_dump_reset_lock(void)
{
	atomic_store_explicit(&page_owner, 0, memory_order_relaxed);
}

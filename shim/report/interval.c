/* The series of statistics. See series.h. */
#include "shim/report/interval.h"

#include <stdatomic.h>
#include <stddef.h>

#include "shim/base/hot.h"
#include "shim/base/process.h"
#include "shim/base/text.h"

static void (*_Atomic write_line)(void);
static _Atomic uint64_t due_ns;

uint64_t tp_series_interval_ns(void)
{
	return *tp_process.options.stats_file.text ? tp_process.options.stats_interval.number : 0;
}

static void set_due(uint64_t now_ns)
{
	atomic_store_explicit(&due_ns, now_ns + tp_series_interval_ns(), memory_order_relaxed);
}

TP_START_CODE void tp_series_start(void (*write)(void))
{
	if (tp_process.options.stats_interval.number != 0 && tp_series_interval_ns() == 0)
		tp_text_say("TIDEPOOL_STATS_INTERVAL needs a TIDEPOOL_STATS_FILE; using 0");
	if (tp_series_interval_ns() == 0)
		return;
	set_due(tp_process_now_ns());
	/* release: pairs with the acquire in tp_series_look */
	atomic_store_explicit(&write_line, write, memory_order_release);
}

void tp_series_start_child(void)
{
	set_due(tp_process_now_ns());
}

void tp_series_look(void)
{
	/* acquire: pairs with the release in tp_series_start */
	void (*write)(void) = atomic_load_explicit(&write_line, memory_order_acquire);

	if (!write)
		return;
	uint64_t now = tp_process_now_ns(), due = atomic_load_explicit(&due_ns, memory_order_relaxed);
	/* Of several threads that come here one writes. */
	if (now >= due && tp_process_owns_memory() &&
	    atomic_compare_exchange_strong_explicit(
		&due_ns, &due, now + tp_series_interval_ns(), memory_order_relaxed, memory_order_relaxed))
		write();
}

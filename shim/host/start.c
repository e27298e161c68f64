/* Start: the region, the classes, the caches, the next allocator. See start.h. */
#include "shim/host/start.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/arch/rseq.h"
#include "shim/base/compiler.h"
#include "shim/base/libc.h"
#include "shim/base/lock.h"
#include "shim/base/process.h"
#include "shim/heap/region.h"
#include "shim/heap/size_classes.h"
#include "shim/heap/slab.h"
#include "shim/pool/budget.h"
#include "shim/pool/cpus.h"
#include "shim/profile/histogram.h"
#include "shim/tick/admission.h"
#include "shim/tick/timer.h"

#define REGION_BYTES_WITHOUT_RSEQ ((size_t)16 << 30)

/* RUNNING: malloc works, but only for the thread that starts. */
enum start_state { STATE_NONE, STATE_RUNNING, STATE_DONE };

static _Atomic enum start_state state;
static _Atomic pid_t starting_thread; /* its kernel number, from gettid(2) */
static struct tp_lock start_lock;

/*
 * The bytes to reserve. Without rseq the default is much smaller: the program may run in an emulator, which keeps a
 * record of every page that a program reserves. If the region is full, the next allocator serves.
 */
static size_t region_bytes_wanted(void)
{
	const struct tp_option_value *region = &tp_process.options.region;
	intptr_t area, number;
	bool stays;

	if (!region->given && !tp_rseq_find_registration(&area, &number, &stays))
		return REGION_BYTES_WITHOUT_RSEQ;
	return region->number;
}

/* Start everything, under the lock. */
static void start_locked(void)
{
	enum tp_mode mode;

	atomic_store_explicit(&starting_thread, (pid_t)syscall(SYS_gettid), memory_order_relaxed);
	tp_process_start();
	mode = tp_process.mode;
	if (tp_region_reserve(region_bytes_wanted(), tp_slab_record_bytes()) == 0)
		mode = TP_MODE_OFF;
	tp_size_classes_start();
	tp_histogram_start();
	if (tp_histogram_on) {
		tp_classes.slow = true;
		tp_class_index(&tp_classes);
	}
	tp_slab_start();
	tp_budget_start(tp_process.options.max.number, tp_process.options.max_cpu.number);
	tp_admission_start();
	if (!tp_cpus_start(mode == TP_MODE_POOL))
		mode = TP_MODE_OFF;
	/*
	 * From here on malloc works for this thread, served by the pools: dlsym, which is called next, may allocate.
	 * release: pairs with the acquire in tp_start
	 */
	atomic_store_explicit(&state, STATE_RUNNING, memory_order_release);
	tp_libc_resolve();
	tp_process.mode = tp_libc.malloc && tp_libc.free && tp_libc.realloc && tp_libc.calloc ? mode : TP_MODE_POOL;
	tp_timer_start();
	/* release: pairs with the acquire in tp_start */
	atomic_store_explicit(&state, STATE_DONE, memory_order_release);
}

void tp_start(void)
{
	/* acquire: pairs with the release in start_locked */
	enum start_state now = atomic_load_explicit(&state, memory_order_acquire);

	if (TP_LIKELY(now == STATE_DONE))
		return;
	if (now == STATE_RUNNING &&
	    atomic_load_explicit(&starting_thread, memory_order_relaxed) == (pid_t)syscall(SYS_gettid))
		return; /* dlsym called malloc: waiting for the start would never end */
	tp_lock_acquire(&start_lock);
	if (atomic_load_explicit(&state, memory_order_relaxed) == STATE_NONE)
		start_locked();
	tp_lock_release(&start_lock);
}

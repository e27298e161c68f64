/* The call-site profile: sampling. See profile.h; heap_file.c writes it. @rare */
#include "shim/profile/profile.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>

#include "policy/gap.h"
#include "shim/arch/registers.h"
#include "shim/base/clock.h"
#include "shim/base/compiler.h"
#include "shim/base/output.h"
#include "shim/base/process.h"
#include "shim/heap/large.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/cpus.h"
#include "shim/profile/frames.h"
#include "shim/profile/histogram.h"
#include "shim/profile/live_samples.h"
#include "shim/profile/site.h"
#include "shim/profile/unwind.h"

#define SAMPLES_SHIFT 17U /* places for a million samples; of half a million one in fifty finds its bucket full */

bool tp_profile_on;
bool tp_profile_pops;
_Thread_local int64_t tp_profile_left;
static _Thread_local uint64_t gap_state; /* of the generator of gaps; 0: this thread has drawn no gap yet */
static _Thread_local bool busy; /* this thread takes a sample, perhaps below a signal handler */
static bool use_tables; /* stacks are taken by libunwind, not by frame pointers */
static uint32_t process; /* forks between the program's start and this process; written in the child alone */
static struct tp_live_samples samples;
static _Atomic uint64_t left_out_objects, left_out_bytes, untracked; /* see struct tp_profile_left_out */

static uintptr_t own_start, own_end; /* addresses of this library, whose frames are not the program's */

static bool any_class_is_cleared_on_get(void)
{
	for (unsigned i = 1; i < tp_classes.count; i++)
		if (tp_classes.row[i].zero == TP_ZERO_GET)
			return true;
	return false;
}

TP_START_CODE void tp_profile_start(void)
{
	const struct tp_options *options = &tp_process.options;

	if (*options->profile.text == '\0')
		return;
	if (tp_process.mode != TP_MODE_POOL) {
		tp_output_say("TIDEPOOL_PROFILE: no profile in mode %s", tp_process_mode_name());
		return;
	}
	struct dl_find_object self;
	if (_dl_find_object((void *)(uintptr_t)tp_profile_start, &self) == 0) {
		own_start = (uintptr_t)self.dlfo_map_start;
		own_end = (uintptr_t)self.dlfo_map_end;
	}
	if (!tp_site_start() || !tp_live_samples_start(&samples, SAMPLES_SHIFT)) {
		tp_output_say("TIDEPOOL_PROFILE: no memory for the tables, no profile");
		return;
	}
	use_tables = options->profile_unwind.number == TP_PROFILE_UNWIND && tp_unwind_start();
	if (options->profile_unwind.number == TP_PROFILE_UNWIND && !use_tables)
		tp_output_say("TIDEPOOL_PROFILE: no usable " TP_UNWIND_LIBRARY "; stacks are taken by frame pointers");
	tp_profile_on = true;
	tp_profile_pops = !tp_histogram_on && !any_class_is_cleared_on_get();
	tp_class_slow_gets(&tp_classes);
}

const char *tp_profile_unwind_name(void)
{
	return use_tables ? "unwind" : "fp";
}

static bool is_own_code(uintptr_t address)
{
	return address - own_start < own_end - own_start;
}

/* Take the program's stack, from the function that called malloc up. Returns how many frames. */
static size_t take_stack(uintptr_t *frames)
{
	size_t count = use_tables ? tp_unwind_take(frames, TP_FRAMES_MAX) : 0, own = 0;

	if (count == 0)
		count = tp_frames_walk(__builtin_frame_address(0), frames, TP_FRAMES_MAX);
	while (own < count && is_own_code(frames[own]))
		own++;
	for (size_t i = own; i < count; i++)
		frames[i - own] = frames[i];
	return count - own;
}

/*
 * Return which store would serve a request for this class now; class 0 stands for large blocks. A hint: other threads
 * take and give meanwhile, and this thread may be moved to another CPU.
 */
static enum tp_site_source source_of(unsigned class_index)
{
	unsigned primary = tp_cpus_primary(), own = tp_cpus_current_number();
	struct tp_cpu *cpu = tp_cpus_at(own);

	if (class_index == 0)
		return TP_SITE_LARGE;
	if (cpu && tp_cache_depth(cpu->caches[primary], TP_CLASS_STACK(class_index)) > 0)
		return TP_SITE_LOCAL;
	if (cpu && tp_overflow_depth(&cpu->overflow[primary], class_index) > 0)
		return TP_SITE_OVERFLOW;
	enum tp_site_source found = TP_SITE_SLAB;
	for (unsigned number = 0; number < tp_cpus_number_count(); number++) {
		cpu = tp_cpus_at(number);
		if (!cpu)
			continue;
		if (tp_overflow_depth(&cpu->overflow[primary], class_index) > 0)
			return TP_SITE_STOLEN;
		if (tp_cache_depth(cpu->caches[primary ^ 1], TP_CLASS_STACK(class_index)) > 0 ||
		    tp_overflow_depth(&cpu->overflow[primary ^ 1], class_index) > 0)
			found = TP_SITE_VICTIM;
	}
	return found;
}

static void leave_out(size_t bytes)
{
	atomic_fetch_add_explicit(&left_out_objects, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&left_out_bytes, bytes, memory_order_relaxed);
}

/* Count a sample for the site @number, and remember its object. */
static void remember(const void *block, size_t bytes, int32_t number, enum tp_site_source source)
{
	struct tp_live_sample object = { .bytes = bytes, .group = (uint32_t)number, .process = process };

	tp_site_add(&tp_site_at((uint32_t)number)->got[source], bytes);
	if (!tp_live_samples_add(&samples, block, &object))
		atomic_fetch_add_explicit(&untracked, 1, memory_order_relaxed);
}

/*
 * Draw the bytes until the next sample. Returns whether the request that is due is sampled; then busy is set, and the
 * caller clears it at the end.
 */
static bool begin_sample(size_t bytes)
{
	uint64_t mean_bytes = tp_process.options.profile_every.number;
	bool first = gap_state == 0;

	if (first)
		gap_state = tp_gap_seed((uintptr_t)__builtin_thread_pointer(), tp_clock_now_ns());
	tp_profile_left = (int64_t)tp_gap_next(&gap_state, mean_bytes);
	/* A thread begins with 0 bytes left. So its first request comes here, draws a gap, and is counted again. */
	if (first && !tp_profile_is_due(bytes))
		return false;
	if (first)
		tp_profile_left = (int64_t)tp_gap_next(&gap_state, mean_bytes);
	if (busy)
		return false;
	busy = true;
	return true;
}

/* Find the site of a request that counts @counted bytes. Returns its number, or a negative one if there is no room. */
static int32_t find_site(size_t counted)
{
	uintptr_t frames[TP_FRAMES_MAX];
	size_t depth = take_stack(frames);

	/* A stack that cannot be taken becomes one frame that no program has, so that the totals are right. */
	if (depth == 0)
		frames[depth++] = 1;
	return tp_site_find(frames, depth, counted);
}

/* Enter a sample under its site, or count it as left out. */
static void enter(const void *block, size_t counted, int32_t site, enum tp_site_source source)
{
	if (site >= 0)
		remember(block, counted, site, source);
	else
		leave_out(counted);
}

void *tp_profile_get(size_t bytes, size_t alignment, bool zero)
{
	size_t counted = bytes != 0 ? bytes : 1;
	int saved_errno = errno;

	if (!begin_sample(bytes))
		return NULL;
	int32_t site = find_site(counted);
	enum tp_site_source source = source_of(tp_class_aligned(&tp_classes, bytes, alignment));
	void *block = tp_large_malloc(bytes, alignment, zero);

	if (block)
		enter(block, counted, site, source);
	busy = false;
	errno = saved_errno;
	return block;
}

static void note_freed(const struct tp_live_sample *object)
{
	/* The sites of a forked child began at zero, so an object of the parent must not count as freed there. */
	if (object->process == process)
		tp_site_add(&tp_site_at(object->group)->freed, object->bytes);
}

size_t tp_profile_put(const void *block)
{
	struct tp_live_sample object;

	if (!tp_live_samples_remove(&samples, block, &object))
		return 0;
	note_freed(&object);
	return object.bytes;
}

bool tp_profile_begin_resize(const void *block, struct tp_live_sample *object)
{
	return tp_live_samples_remove(&samples, block, object);
}

void tp_profile_end_resize(const struct tp_live_sample *object, const void *block, const void *resized, size_t bytes)
{
	if (!resized) {
		if (object && !tp_live_samples_add(&samples, block, object))
			atomic_fetch_add_explicit(&untracked, 1, memory_order_relaxed);
		return;
	}
	if (object)
		note_freed(object);
	if (!tp_profile_is_due(bytes) || !begin_sample(bytes))
		return;
	int saved_errno = errno;

	enter(resized, bytes, find_site(bytes), source_of(0));
	busy = false;
	errno = saved_errno;
}

void tp_profile_read_left_out(struct tp_profile_left_out *left_out)
{
	left_out->objects = atomic_load_explicit(&left_out_objects, memory_order_relaxed);
	left_out->bytes = atomic_load_explicit(&left_out_bytes, memory_order_relaxed);
	left_out->untracked = atomic_load_explicit(&untracked, memory_order_relaxed);
}

void tp_profile_start_child(void)
{
	if (!tp_profile_on)
		return;
	process++;
	tp_unwind_start_child(busy);
	tp_site_start_child();
	atomic_store_explicit(&left_out_objects, 0, memory_order_relaxed);
	atomic_store_explicit(&left_out_bytes, 0, memory_order_relaxed);
	atomic_store_explicit(&untracked, 0, memory_order_relaxed);
}

/* Allocation after a miss of the fast path. See allocate.h. */
#include "shim/entry/allocate.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "shim/arch/rseq.h"
#include "shim/base/compiler.h"
#include "shim/base/libc.h"
#include "shim/base/process.h"
#include "shim/entry/malloc_fast.h"
#include "shim/entry/refill.h"
#include "shim/heap/large.h"
#include "shim/heap/pagemap.h"
#include "shim/heap/region.h"
#include "shim/heap/size_classes.h"
#include "shim/host/start.h"
#include "shim/pool/cpus.h"
#include "shim/pool/passthrough.h"
#include "shim/pool/stack.h"
#include "shim/profile/histogram.h"
#include "shim/profile/profile.h"
#include "shim/tick/timer.h"

#define MIN_ALIGNMENT 16U /* of every block */

/*
 * The thread may be moved to another CPU at every line here too. No line keeps anything of a CPU: each call of the
 * pools (refill.h, stack.h, rseq.h) finds the CPU itself. A class number, the bytes until the next sample and an object
 * that was popped belong to the process or the thread, and are the same on every CPU. So an object is cleared, counted
 * and handed out on whichever CPU the thread is by then.
 */

void *tp_allocate_refuse(void)
{
	errno = ENOMEM;
	return NULL;
}

/* Clear a block that is about to be freed. The asm keeps the compiler from leaving the stores out as dead. */
static void clear(void *block, size_t bytes)
{
	memset(block, 0, bytes);
	__asm__ volatile("" : : "r"(block) : "memory");
}

/* Get a block over the largest pooled size, or of an alignment that no class has. */
static void *get_large(size_t bytes, size_t alignment, bool zero)
{
	tp_timer_notice();
	return tp_large_malloc(bytes, alignment, zero);
}

/* Return when objects of a class are cleared; class 0 stands for blocks that no class serves. */
static enum tp_class_zero zero_of(unsigned class_index)
{
	return class_index != 0 ? tp_classes.row[class_index].zero : tp_process.options.zero.number;
}

static void put_large(void *block)
{
	size_t sampled_bytes = 0;

	if (TP_UNLIKELY(tp_profile_on))
		sampled_bytes = tp_profile_put(block); /* before another thread can get the address */
	/* A sampled block is cleared if the class that would have served its request clears. */
	if (zero_of(sampled_bytes ? tp_class_aligned(&tp_classes, sampled_bytes, MIN_ALIGNMENT) : 0) == TP_ZERO_PUT)
		clear(block, tp_large_usable(block));
	tp_large_free(block);
	tp_timer_notice(); /* wakes our thread from a doze, to give the block's pages back */
}

/* Get an object of a class, clear if the program or the policy wants it so. */
static void *get_object(unsigned class_index, size_t bytes, bool zero)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	void *object = tp_refill_get(class_index);

	/* The object is this thread's now: it is cleared on whichever CPU the thread is. */
	if (object && c->zero == TP_ZERO_GET)
		memset(object, 0, c->object_bytes);
	else if (object && zero && c->zero != TP_ZERO_PUT)
		memset(object, 0, bytes);
	return object;
}

static void put_object(unsigned class_index, void *object)
{
	const struct tp_class *c = &tp_classes.row[class_index];

	if (c->zero == TP_ZERO_PUT)
		clear(object, c->object_bytes); /* before the put: after it another thread may have the object */
	tp_refill_put(class_index, object);
}

/* Ask the next allocator. Returns NULL if it has no memory, or there is no such allocator. */
static void *ask_next(size_t bytes, size_t alignment, bool zero)
{
	if (alignment <= MIN_ALIGNMENT)
		return !tp_libc.malloc ? NULL : zero ? tp_libc.calloc(1, bytes) : tp_libc.malloc(bytes);
	void *block = tp_libc.memalign ? tp_libc.memalign(alignment, bytes) : NULL;
	if (block && zero)
		memset(block, 0, bytes);
	return block;
}

/* Get an object of a class or a large block; if there is no memory for it, ask the next allocator. */
static void *get(size_t bytes, size_t alignment, bool zero)
{
	unsigned class_index = tp_class_aligned(&tp_classes, bytes, alignment); /* 0 over the largest */
	bool is_clear = zero || zero_of(class_index) == TP_ZERO_GET;
	int saved_errno = errno;
	void *block = class_index != 0 ? get_object(class_index, bytes, zero) : get_large(bytes, alignment, is_clear);

	if (!block)
		block = ask_next(bytes, alignment, is_clear);
	if (!block)
		return tp_allocate_refuse();
	tp_histogram_get(block, bytes);
	errno = saved_errno;
	return block;
}

/* In the modes count and off: pass the request on to the next allocator, and in mode count count it. */
static void *pass_on(size_t bytes, size_t alignment, bool zero)
{
	tp_timer_notice(); /* in these modes time is kept for statistics at intervals alone */
	void *block = ask_next(bytes, alignment, zero);

	if (block && tp_process.mode == TP_MODE_COUNT) {
		tp_passthrough_get(bytes);
		tp_histogram_get(block, bytes);
	}
	return block;
}

static void *allocate(size_t bytes, size_t alignment, bool zero)
{
	tp_start();
	if (TP_UNLIKELY(bytes > PTRDIFF_MAX))
		return tp_allocate_refuse();
	if (TP_UNLIKELY(tp_process.mode != TP_MODE_POOL))
		return pass_on(bytes, alignment, zero);
	return get(bytes, alignment, zero);
}

/* Serve a request for which a sample is due, as a large block. Returns NULL if it is not sampled after all. */
static void *get_sampled(size_t bytes, size_t alignment, bool zero)
{
	bool is_clear = zero || zero_of(tp_class_aligned(&tp_classes, bytes, alignment)) == TP_ZERO_GET;
	void *block = tp_profile_get(bytes, alignment, is_clear);

	if (block)
		tp_histogram_get(block, bytes);
	return block;
}

/*
 * Serve a request while a profile is taken: count the bytes first. Returns NULL if the rest of the slow path has to
 * answer. Each request comes here once, or is counted by tp_allocate_slow.
 */
static void *get_counted(size_t bytes, size_t alignment, bool zero)
{
	if (TP_UNLIKELY(bytes > PTRDIFF_MAX))
		return NULL;
	if (TP_UNLIKELY(tp_profile_is_due(bytes)))
		return get_sampled(bytes, alignment, zero);
	if (!tp_profile_pops || bytes > TP_CLASS_BYTES_LIMIT || alignment != MIN_ALIGNMENT)
		return NULL;
	unsigned class_index = tp_malloc_class(bytes) & ~TP_CLASS_SLOW_GET;
	void *object = tp_rseq_pop(class_index);
	return object && zero ? memset(object, 0, bytes) : object;
}

/*
 * If the process has no sections, the three functions below are the hot path: they pop and push under the cache's lock.
 * They do not look at the clock, but leave it to the slow path to wake or start the timer's thread.
 */

/* Whether the process has no sections, and the slow path has no more to do than to look at the clock. */
static inline bool may_lock(void)
{
	return tp_cpus_guard == TP_CPUS_LOCK && tp_process.mode == TP_MODE_POOL &&
	       (atomic_load_explicit(&tp_timer_duty, memory_order_relaxed) & ~(unsigned)TP_TIMER_LOOK) == 0;
}

/* Returns NULL if the slow path has to answer. */
static inline void *get_locked(size_t bytes, bool zero)
{
	if (!may_lock() || bytes > TP_CLASS_BYTES_LIMIT)
		return NULL;
	unsigned class_index = tp_malloc_class(bytes);
	if (class_index & TP_CLASS_SLOW_GET)
		return NULL;
	void *object = tp_stack_pop(TP_CLASS_STACK(class_index));
	return object && zero && zero_of(class_index) != TP_ZERO_PUT ? memset(object, 0, bytes) : object;
}

/* Returns false if the slow path has to answer. No test for remote objects: without sections no slab has an owner. */
static inline bool put_locked(void *block)
{
	if (!may_lock() || !tp_region_holds(block))
		return false;
	unsigned class_index = tp_pagemap_class(block);
	return !tp_classes.row[class_index].slow_put && tp_stack_push(TP_CLASS_STACK(class_index), block);
}

static __attribute__((noinline)) void *allocate_plain(size_t bytes)
{
	return allocate(bytes, MIN_ALIGNMENT, false);
}

static __attribute__((noinline)) void *allocate_due(size_t bytes)
{
	void *block = get_sampled(bytes, MIN_ALIGNMENT, false);

	return block ? block : allocate_plain(bytes);
}

static __attribute__((noinline)) void *allocate_slowly(size_t bytes)
{
	void *object = tp_profile_on ? get_counted(bytes, MIN_ALIGNMENT, false) : get_locked(bytes, false);

	return TP_LIKELY(object != NULL) ? object : allocate_plain(bytes);
}

/*
 * While a profile is taken, every get of an entry point is refused, and this is the hot path: it counts the bytes and
 * pops. So each call here is the last thing a branch does, and the function needs no frame.
 */
void *tp_allocate_slow(size_t bytes)
{
	if (!tp_profile_pops || TP_UNLIKELY(bytes > TP_CLASS_BYTES_LIMIT))
		return allocate_slowly(bytes);
	if (TP_UNLIKELY(tp_profile_is_due(bytes)))
		return allocate_due(bytes);
	void *object = tp_rseq_pop(tp_malloc_class(bytes) & ~TP_CLASS_SLOW_GET);
	return TP_LIKELY(object != NULL) ? object : allocate_plain(bytes);
}

void *tp_allocate_zeroed(size_t bytes)
{
	void *object = tp_profile_on ? get_counted(bytes, MIN_ALIGNMENT, true) : get_locked(bytes, true);

	return TP_LIKELY(object != NULL) ? object : allocate(bytes, MIN_ALIGNMENT, true);
}

void *tp_allocate_aligned(size_t bytes, size_t alignment)
{
	if (alignment < MIN_ALIGNMENT)
		alignment = MIN_ALIGNMENT;
	void *object = tp_profile_on ? get_counted(bytes, alignment, false) : NULL;

	return object ? object : allocate(bytes, alignment, false);
}

void tp_allocate_free_slow(void *block)
{
	if (!block || put_locked(block))
		return;
	int saved_errno = errno;

	tp_start();
	if (TP_LIKELY(tp_region_holds(block))) {
		unsigned class_index = tp_pagemap_class(block);

		tp_histogram_put(block);
		if (class_index != 0)
			put_object(class_index, block);
		else
			put_large(block);
	} else if (tp_libc.free) {
		if (tp_process.mode == TP_MODE_COUNT) {
			tp_passthrough_put();
			tp_histogram_put(block);
		}
		tp_libc.free(block);
	}
	/* Without a next allocator a foreign block is leaked, which is better than a crash. */
	errno = saved_errno;
}

size_t tp_allocate_usable(void *block)
{
	if (!block)
		return 0;
	tp_start();
	if (!tp_region_holds(block))
		return tp_libc.usable ? tp_libc.usable(block) : 0;
	unsigned class_index = tp_pagemap_class(block);
	return class_index != 0 ? tp_classes.row[class_index].object_bytes : tp_large_usable(block);
}

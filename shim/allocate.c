/* Allocation behind the entry points. See allocate.h. */
#include "shim/allocate.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "shim/admission.h"
#include "shim/arch/section.h"
#include "shim/backend.h"
#include "shim/count.h"
#include "shim/histogram.h"
#include "shim/hot.h"
#include "shim/next.h"
#include "shim/process.h"
#include "shim/profile.h"
#include "shim/region.h"
#include "shim/share.h"
#include "shim/slab.h"
#include "shim/stack.h"
#include "shim/start.h"
#include "shim/stray.h"
#include "shim/table.h"
#include "shim/timer.h"

#define MIN_ALIGNMENT 16U

void *tp_allocate_refuse(void)
{
	errno = ENOMEM;
	return NULL;
}

/* Clear what nobody may see any more; not left out because nobody looks. */
static void clear(void *block, size_t bytes)
{
	memset(block, 0, bytes);
	__asm__ volatile("" : : "r"(block) : "memory");
}

/* Put objects on this CPU's stack, which gets slots for them up to @limit. Returns how many it took. */
static size_t fill(unsigned class_index, void *const *objects, size_t count, unsigned limit)
{
	size_t filled = tp_stack_fill(TP_CLASS_STACK(class_index), objects, count);

	while (filled < count && tp_stack_grow(TP_CLASS_STACK(class_index), limit))
		filled += tp_stack_fill(TP_CLASS_STACK(class_index), objects + filled, count - filled);
	return filled;
}

/* Objects that the policy wants on a CPU's stacks before their first use. */
static void warm_up(void)
{
	void *objects[TP_CLASS_BATCH_MAX];

	for (unsigned i = 1; i < tp_classes.count; i++) {
		size_t left = tp_classes.row[i].warm_count;
		unsigned limit = tp_admission_limit(i);

		while (left > 0 && limit > 0) {
			size_t count = left < TP_CLASS_BATCH_MAX ? left : TP_CLASS_BATCH_MAX;
			size_t taken = tp_slab_take(i, tp_table_home(), objects, count, TP_SLAB_WARM);
			size_t kept = fill(i, objects, taken, limit);

			if (kept < taken)
				tp_slab_give(i, objects + kept, taken - kept, TP_SLAB_UNDO);
			if (kept == 0)
				break;
			left -= kept;
		}
	}
}

/* Whether this thread can have stacks on its CPU, which it then has. */
static bool has_stacks(void)
{
	if (!tp_table_usable())
		return false;
	enum tp_table_cpu cpu = tp_table_ensure();

	if (cpu == TP_TABLE_CREATED)
		warm_up();
	return cpu != TP_TABLE_NO_MEMORY;
}

/* Open this CPU's stack of a class for a miss. Returns the slots it may have; 0: it has none. */
static unsigned open_stack(unsigned class_index)
{
	unsigned limit = tp_admission_ask(class_index);

	if (limit == 0 || !has_stacks())
		return 0;
	return tp_stack_capacity(TP_CLASS_STACK(class_index)) > 0 || tp_stack_grow(TP_CLASS_STACK(class_index), limit)
		   ? limit
		   : 0;
}

/* How many objects a miss takes from the slabs: one to hand out, and no more than the stack has room for. */
static size_t refill_count(unsigned class_index)
{
	size_t slots = tp_stack_capacity(TP_CLASS_STACK(class_index));
	size_t refill = tp_classes.row[class_index].refill_count;

	return slots < refill ? slots + 1 : refill;
}

/* How many it moves from other stacks to this one. */
static size_t batch_count(unsigned class_index)
{
	size_t half = (tp_stack_capacity(TP_CLASS_STACK(class_index)) + 1) / 2;
	size_t refill = refill_count(class_index);

	return half > refill ? half : refill;
}

/* A miss: take a batch from other stacks or the slabs, keep one, put the rest on the CPU's stack. */
static void *get_missed(unsigned class_index)
{
	void *objects[TP_CLASS_BATCH_MAX];
	unsigned limit = open_stack(class_index);
	enum tp_slab_reason rest = TP_SLAB_FLUSH;

	size_t taken = tp_share_take(class_index, objects, limit > 0 ? batch_count(class_index) : 1);
	if (taken == 0) {
		size_t count = limit > 0 ? refill_count(class_index) : 1;

		taken = tp_slab_take(class_index, tp_table_home(), objects, count, TP_SLAB_GET);
		rest = TP_SLAB_UNDO;
	}
	if (taken == 0)
		return NULL;
	/* The newest of a stack, the lowest address of a slab: the one to hand out is the last. */
	void *object = objects[--taken];
	size_t kept = taken > 0 ? fill(class_index, objects, taken, limit) : 0;
	if (kept < taken)
		tp_slab_give(class_index, objects + kept, taken - kept, rest);
	return object;
}

static void *get_pooled(unsigned class_index)
{
	tp_timer_notice();
	void *object = tp_stack_pop(TP_CLASS_STACK(class_index));

	return object ? object : get_missed(class_index);
}

/* Half of a full stack makes room: to the overflow, or to slabs where that or a budget is full. */
static void flush(unsigned class_index)
{
	void *objects[TP_CLASS_BATCH_MAX];
	size_t count = tp_stack_empty(
	    TP_CLASS_STACK(class_index), objects, (tp_stack_capacity(TP_CLASS_STACK(class_index)) + 1) / 2);
	size_t kept = count > 0 ? tp_share_put(tp_table_current_number(), class_index, objects, count) : 0;

	if (kept < count)
		tp_slab_give(class_index, objects + kept, count - kept, TP_SLAB_FLUSH);
}

/* Whether another CPU than this one is the home of @object. */
static bool is_stray(unsigned class_index, const void *object)
{
	unsigned home = tp_region_home(object);

	return tp_classes.row[class_index].homed && home != TP_REGION_NO_HOME && home != tp_table_home();
}

/* Put a stray with the others, if its class is pooled; where they have no more room, send them all home first. */
static bool put_stray(unsigned class_index, void *object)
{
	int stack = TP_CLASS_STRAYS(class_index);

	if (tp_admission_limit(class_index) == 0 || !has_stacks())
		return false;
	if (tp_stack_push(stack, object))
		return true;
	if (!tp_stack_grow(stack, TP_CLASS_STRAYS_MAX) && tp_stack_capacity(stack) > 0)
		tp_stray_send_home(class_index);
	return tp_stack_push(stack, object);
}

static void put_pooled(unsigned class_index, void *object)
{
	tp_timer_notice();
	if (tp_classes.row[class_index].zero == TP_ZERO_PUT)
		clear(object, tp_classes.row[class_index].object_bytes);
	if (is_stray(class_index, object) && put_stray(class_index, object))
		return;
	if (tp_stack_push(TP_CLASS_STACK(class_index), object))
		return;
	unsigned limit = tp_admission_limit(class_index);

	if (limit > 0 && has_stacks()) {
		if (!tp_stack_grow(TP_CLASS_STACK(class_index), limit))
			flush(class_index);
		if (tp_stack_push(TP_CLASS_STACK(class_index), object))
			return;
	}
	tp_slab_give(class_index, &object, 1, TP_SLAB_DROP);
}

/* A block over the largest pooled size, or of an alignment that no class has. */
static void *get_large(size_t bytes, size_t alignment, bool zero)
{
	tp_timer_notice();
	return tp_backend_malloc(bytes, alignment, zero);
}

/* When objects of a class are cleared; class 0 stands for what no class serves. */
static enum tp_class_zero zero_of(unsigned class_index)
{
	return class_index != 0 ? tp_classes.row[class_index].zero : tp_process.options.zero.number;
}

static void put_large(void *block)
{
	size_t sampled_bytes = 0;

	if (TP_UNLIKELY(tp_profile_on))
		sampled_bytes = tp_profile_put(block); /* before another thread can be given the address */
	/* A sampled request is cleared as the class would have been that it is no object of. */
	if (zero_of(sampled_bytes ? tp_class_aligned(&tp_classes, sampled_bytes, MIN_ALIGNMENT) : 0) == TP_ZERO_PUT)
		clear(block, tp_backend_usable(block));
	tp_backend_free(block);
	tp_timer_notice(); /* wakes our thread, for the block's pages */
}

/* An object of a class, clear where the program or the policy wants it so. */
static void *get_object(unsigned class_index, size_t bytes, bool zero)
{
	const struct tp_class *c = &tp_classes.row[class_index];
	void *object = get_pooled(class_index);

	if (object && c->zero == TP_ZERO_GET)
		memset(object, 0, c->object_bytes);
	else if (object && zero && c->zero != TP_ZERO_PUT)
		memset(object, 0, bytes);
	return object;
}

/* The next allocator's answer, or NULL where there is none. */
static void *ask_next(size_t bytes, size_t alignment, bool zero)
{
	if (alignment <= MIN_ALIGNMENT)
		return !tp_next.malloc ? NULL : zero ? tp_next.calloc(1, bytes) : tp_next.malloc(bytes);
	void *block = tp_next.memalign ? tp_next.memalign(alignment, bytes) : NULL;
	if (block && zero)
		memset(block, 0, bytes);
	return block;
}

/* Memory of the pools or the backend; of the next allocator where they have none. */
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

/* The same in count and off mode: the next allocator's answer, counted. */
static void *pass_on(size_t bytes, size_t alignment, bool zero)
{
	tp_timer_notice(); /* keeps time for a series of statistics, if for anything */
	void *block = ask_next(bytes, alignment, zero);

	if (block && tp_process.mode == TP_MODE_COUNT) {
		tp_count_get(bytes);
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

/* A block of the backend's for the profile to remember, or NULL if this request is not to be sampled after all. */
static void *get_sampled(size_t bytes, size_t alignment, bool zero)
{
	bool is_clear = zero || zero_of(tp_class_aligned(&tp_classes, bytes, alignment)) == TP_ZERO_GET;
	void *block = tp_profile_get(bytes, alignment, is_clear);

	if (block)
		tp_histogram_get(block, bytes);
	return block;
}

/*
 * While a profile is taken, every entry point is barred from every class, and this is
 * the hot path of those that are not redirected: count the bytes, pop. Returns NULL when
 * the slow path has to answer.
 */
static inline void *get_counted(size_t bytes, size_t alignment, bool zero)
{
	/* A histogram counts on the slow path. */
	if (TP_UNLIKELY(bytes > PTRDIFF_MAX))
		return NULL;
	if (TP_UNLIKELY(tp_profile_is_due(bytes)))
		return get_sampled(bytes, alignment, zero);
	if (TP_UNLIKELY(tp_histogram_on))
		return NULL;
	if (TP_UNLIKELY(bytes > TP_CLASS_BYTES_LIMIT || alignment != MIN_ALIGNMENT))
		return NULL;
	unsigned class_index = tp_classes.of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT] & ~TP_CLASS_BARRED;
	if (TP_UNLIKELY(tp_classes.row[class_index].zero == TP_ZERO_GET))
		return NULL;
	void *object = tp_section_pop(class_index);
	return object && zero ? memset(object, 0, bytes) : object;
}

/*
 * Where there are no sections, this is the hot path, and does what that does: pop and push, without a look at the clock,
 * unless the timer's thread is to be woken. Returns NULL or false when the slow path has to answer.
 */
static inline bool may_lock(void)
{
	return tp_table_mode == TP_TABLE_LOCK && tp_process.mode == TP_MODE_POOL &&
	       (atomic_load_explicit(&tp_timer_duty, memory_order_relaxed) & ~(unsigned)TP_TIMER_LOOK) == 0;
}

static inline void *get_locked(size_t bytes, bool zero)
{
	if (!may_lock() || bytes > TP_CLASS_BYTES_LIMIT)
		return NULL;
	unsigned class_index = tp_classes.of_grain[(bytes + 15) >> TP_CLASS_GRAIN_SHIFT];
	void *object = tp_stack_pop(TP_CLASS_STACK(class_index));
	return object && zero && zero_of(class_index) != TP_ZERO_PUT ? memset(object, 0, bytes) : object;
}

static inline bool put_locked(void *block)
{
	if (!may_lock() || !tp_region_holds(block))
		return false;
	unsigned class_index = tp_region_class(block);
	return !tp_classes.row[class_index].barred && tp_stack_push(TP_CLASS_STACK(class_index), block);
}

void *tp_allocate_slow(size_t bytes)
{
	void *object = tp_profile_on ? get_counted(bytes, MIN_ALIGNMENT, false) : get_locked(bytes, false);

	return TP_LIKELY(object != NULL) ? object : allocate(bytes, MIN_ALIGNMENT, false);
}

void *tp_allocate_counted(size_t bytes)
{
	return allocate(bytes, MIN_ALIGNMENT, false);
}

void *tp_allocate_due(size_t bytes)
{
	void *object = get_sampled(bytes, MIN_ALIGNMENT, false);

	return object ? object : tp_allocate_counted(bytes);
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
		unsigned class_index = tp_region_class(block);

		tp_histogram_put(block);
		if (class_index != 0)
			put_pooled(class_index, block);
		else
			put_large(block);
	} else if (tp_next.free) {
		if (tp_process.mode == TP_MODE_COUNT) {
			tp_count_put();
			tp_histogram_put(block);
		}
		tp_next.free(block);
	}
	/* Without a next allocator a foreign block is left alone: better lost than a crash. */
	errno = saved_errno;
}

size_t tp_allocate_usable(void *block)
{
	if (!block)
		return 0;
	tp_start();
	if (!tp_region_holds(block))
		return tp_next.usable ? tp_next.usable(block) : 0;
	unsigned class_index = tp_region_class(block);
	return class_index != 0 ? tp_classes.row[class_index].object_bytes : tp_backend_usable(block);
}

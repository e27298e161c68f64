/* Allocation behind the entry points. See allocate.h. */
#include "shim/allocate.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "shim/backend.h"
#include "shim/cache.h"
#include "shim/count.h"
#include "shim/hot.h"
#include "shim/next.h"
#include "shim/process.h"
#include "shim/region.h"
#include "shim/share.h"
#include "shim/slab.h"
#include "shim/start.h"
#include "shim/timer.h"

#define MIN_ALIGNMENT 16U

static void *out_of_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

static bool is_ours(const void *block)
{
	return (uintptr_t)block - tp_hot_region_base < tp_hot_region_bytes;
}

static unsigned class_of_block(const void *block)
{
	return tp_hot_class_map[tp_region_granule(block)];
}

/* How many objects move between stacks at once: half of one. */
static size_t batch_count(unsigned class_index)
{
	return (tp_classes.row[class_index].capacity + 1U) / 2;
}

/* A miss: take a batch from other stacks or the slabs, keep one, put the rest on the CPU's stack. */
static void *get_missed(unsigned class_index)
{
	void *objects[TP_CLASS_BATCH_MAX];
	bool usable = tp_cache_usable() && tp_cache_ensure();
	enum tp_slab_reason rest = TP_SLAB_FLUSH;

	size_t taken = tp_share_take(class_index, objects, usable ? batch_count(class_index) : 1);
	if (taken == 0) {
		taken = tp_slab_take(class_index, objects, usable ? tp_classes.row[class_index].refill_count : 1);
		rest = TP_SLAB_UNDO;
	}
	if (taken == 0)
		return NULL;
	/* The newest of a stack, the lowest address of a slab: the one to hand out is the last. */
	void *object = objects[--taken];
	size_t kept = taken > 0 ? tp_cache_fill(class_index, objects, taken) : 0;
	if (kept < taken)
		tp_slab_give(class_index, objects + kept, taken - kept, rest);
	return object;
}

static void *get_pooled(unsigned class_index)
{
	tp_timer_notice();
	void *object = tp_cache_pop_slow(class_index);

	return object ? object : get_missed(class_index);
}

static void put_pooled(unsigned class_index, void *object)
{
	void *objects[TP_CLASS_BATCH_MAX];

	tp_timer_notice();
	if (tp_cache_push_slow(class_index, object))
		return;
	if (tp_cache_usable() && tp_cache_ensure()) {
		size_t count = tp_cache_empty(class_index, objects, batch_count(class_index));
		size_t kept = count > 0 ? tp_share_put(class_index, objects, count) : 0;

		if (kept < count)
			tp_slab_give(class_index, objects + kept, count - kept, TP_SLAB_FLUSH);
		if (tp_cache_push_slow(class_index, object))
			return;
	}
	tp_slab_give(class_index, &object, 1, TP_SLAB_DROP);
}

/* Memory of the pools or the backend; of the next allocator where they have none. */
static void *get(size_t bytes, size_t alignment, bool zero)
{
	unsigned class_index = tp_class_aligned(&tp_classes, bytes, alignment); /* 0 over the largest */
	int saved_errno = errno;
	void *block;

	if (class_index != 0) {
		block = get_pooled(class_index);
		if (block && zero)
			memset(block, 0, bytes);
	} else {
		tp_timer_notice();
		block = tp_backend_malloc(bytes, alignment, zero);
	}
	if (!block && tp_next.malloc) {
		block = alignment > MIN_ALIGNMENT && tp_next.memalign ? tp_next.memalign(alignment, bytes)
			: zero                                        ? tp_next.calloc(1, bytes)
								      : tp_next.malloc(bytes);
		if (block && zero && alignment > MIN_ALIGNMENT)
			memset(block, 0, bytes);
	}
	if (!block)
		return out_of_memory();
	errno = saved_errno;
	return block;
}

/* The same in count and off mode: the next allocator's answer, counted. */
static void *pass_on(size_t bytes, size_t alignment, bool zero)
{
	void *block;

	if (alignment > MIN_ALIGNMENT) {
		block = tp_next.memalign ? tp_next.memalign(alignment, bytes) : NULL;
		if (block && zero)
			memset(block, 0, bytes);
	} else {
		block = zero ? tp_next.calloc(1, bytes) : tp_next.malloc(bytes);
	}
	if (block && tp_process.mode == TP_MODE_COUNT)
		tp_count_get(bytes);
	return block;
}

static void *allocate(size_t bytes, size_t alignment, bool zero)
{
	tp_start();
	if (TP_UNLIKELY(bytes > PTRDIFF_MAX))
		return out_of_memory();
	if (TP_UNLIKELY(tp_process.mode != TP_MODE_POOL))
		return pass_on(bytes, alignment, zero);
	return get(bytes, alignment, zero);
}

void *tp_allocate_slow(size_t bytes)
{
	return allocate(bytes, MIN_ALIGNMENT, false);
}

void *tp_allocate_zeroed(size_t bytes)
{
	return allocate(bytes, MIN_ALIGNMENT, true);
}

void *tp_allocate_aligned(size_t bytes, size_t alignment)
{
	return allocate(bytes, alignment < MIN_ALIGNMENT ? MIN_ALIGNMENT : alignment, false);
}

void tp_allocate_free_slow(void *block)
{
	if (!block)
		return;
	int saved_errno = errno;

	tp_start();
	if (TP_LIKELY(is_ours(block))) {
		unsigned class_index = class_of_block(block);

		if (class_index != 0)
			put_pooled(class_index, block);
		else
			tp_backend_free(block);
	} else if (tp_next.free) {
		if (tp_process.mode == TP_MODE_COUNT)
			tp_count_put();
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
	if (!is_ours(block))
		return tp_next.usable ? tp_next.usable(block) : 0;
	unsigned class_index = class_of_block(block);
	return class_index != 0 ? tp_classes.row[class_index].object_bytes : tp_backend_usable(block);
}

/* Whether a block of @old_bytes is still the right one for @bytes: neither too small nor half empty. */
static bool fits(size_t old_bytes, size_t bytes)
{
	return bytes <= old_bytes && (bytes >= old_bytes / 2 || old_bytes <= MIN_ALIGNMENT);
}

static void *move(void *block, size_t old_bytes, size_t bytes)
{
	int saved_errno = errno;
	void *moved = tp_allocate_slow(bytes);

	if (!moved && bytes <= old_bytes) {
		errno = saved_errno;
		return block; /* a smaller one would only have saved memory */
	}
	if (!moved)
		return NULL;
	memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);
	tp_allocate_free_slow(block);
	return moved;
}

static void *realloc_foreign(void *block, size_t bytes)
{
	void *resized = tp_next.realloc(block, bytes);

	if (resized && resized != block && tp_process.mode == TP_MODE_COUNT) {
		tp_count_get(bytes);
		tp_count_put();
	}
	return resized;
}

void *tp_allocate_again(void *block, size_t bytes)
{
	if (!block)
		return tp_allocate_slow(bytes);
	tp_start();
	if (bytes == 0) {
		tp_allocate_free_slow(block);
		return NULL;
	}
	if (bytes > PTRDIFF_MAX)
		return out_of_memory();
	if (!is_ours(block))
		return tp_next.realloc ? realloc_foreign(block, bytes) : out_of_memory();

	unsigned class_index = class_of_block(block);
	if (class_index != 0) {
		size_t old_bytes = tp_classes.row[class_index].object_bytes;

		return fits(old_bytes, bytes) ? block : move(block, old_bytes, bytes);
	}
	size_t old_bytes = tp_backend_usable(block);
	if (bytes > TP_CLASS_MAX_BYTES && tp_process.mode == TP_MODE_POOL) {
		int saved_errno = errno;
		void *resized = tp_backend_realloc(block, bytes);

		errno = saved_errno;
		if (resized)
			return resized;
	}
	return move(block, old_bytes, bytes);
}

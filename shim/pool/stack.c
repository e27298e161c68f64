/* The stacks of this CPU: sections or locks, and how a stack grows. See stack.h. */
#include "shim/pool/stack.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "shim/arch/rseq.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/budget.h"
#include "shim/pool/cpus.h"

/* Lock this CPU's primary cache. Returns it, or NULL if the CPU has none. Only without rseq. */
static struct tp_cache *lock_current(void)
{
	for (;;) {
		struct tp_cpu *cpu = tp_cpus_at(tp_cpus_current_number());

		if (!cpu)
			return NULL;
		struct tp_cache *cache = cpu->caches[tp_cpus_primary()];
		if (tp_cpus_thread_is_alone())
			tp_lock_acquire_alone(&cache->lock);
		else
			tp_lock_acquire(&cache->lock);
		if (!atomic_load_explicit(&cache->victim, memory_order_relaxed))
			return cache;
		tp_lock_release(&cache->lock); /* a turn made it a victim, on which nothing is pushed */
	}
}

static void unlock(struct tp_cache *cache)
{
	if (tp_cpus_thread_is_alone())
		tp_lock_release_alone(&cache->lock);
	else
		tp_lock_release(&cache->lock);
}

void *tp_stack_pop(int stack)
{
	if (tp_cpus_guard == TP_CPUS_RSEQ)
		return tp_rseq_pop((size_t)stack);
	struct tp_cache *cache = lock_current();
	if (!cache)
		return NULL;
	uint64_t header = tp_cache_header(cache, stack);
	void *object = atomic_load_explicit(tp_cache_slot(cache, header) - 1, memory_order_relaxed);
	if (object)
		tp_cache_set_header(cache, stack, header + 0xffff);
	unlock(cache);
	return object;
}

bool tp_stack_push(int stack, void *object)
{
	if (tp_cpus_guard == TP_CPUS_RSEQ)
		return tp_rseq_push(stack, object);
	struct tp_cache *cache = lock_current();
	if (!cache)
		return false;
	uint64_t header = tp_cache_header(cache, stack);
	void *_Atomic *slot = tp_cache_slot(cache, header);
	bool room = (uintptr_t)atomic_load_explicit(slot, memory_order_relaxed) != TP_STACK_END;
	if (room) {
		atomic_store_explicit(slot, object, memory_order_relaxed);
		tp_cache_set_header(cache, stack, header + 0x10001);
	}
	unlock(cache);
	return room;
}

size_t tp_stack_push_batch(int stack, void *const *objects, size_t count)
{
	if (tp_cpus_guard == TP_CPUS_RSEQ)
		return tp_rseq_push_batch(stack, objects, count);
	struct tp_cache *cache = lock_current();
	if (!cache)
		return 0;
	count = tp_cache_put(cache, stack, objects, count);
	unlock(cache);
	return count;
}

size_t tp_stack_pop_batch(int stack, void **objects, size_t count)
{
	if (tp_cpus_guard == TP_CPUS_RSEQ) {
		size_t taken = tp_rseq_pop_batch(stack, objects + count, count);

		if (taken < count)
			memmove(objects, objects + count - taken, taken * sizeof *objects);
		return taken;
	}
	struct tp_cache *cache = lock_current();
	if (!cache)
		return 0;
	count = tp_cache_take(cache, stack, objects, count);
	unlock(cache);
	return count;
}

/* Copy the slots and give the stack its new header, if the stack and this CPU's primary cache are still the same. */
static bool commit(int stack, const struct tp_rseq_move *wanted)
{
	if (tp_cpus_guard == TP_CPUS_RSEQ)
		return tp_rseq_move(stack, wanted);
	memcpy(wanted->to, wanted->from, wanted->count * sizeof *wanted->to);
	tp_cache_set_header(wanted->cache, stack, wanted->moved);
	return true;
}

/*
 * Move a stack to an area with @room more slots. The caller holds the cache's lock. Returns false if the cache has no
 * room, or if the stack changed meanwhile: sections push and pop on it, and this thread may be on another CPU by now.
 */
static bool move(struct tp_cache *cache, int stack, unsigned capacity, unsigned room)
{
	unsigned bottom = tp_cache_take_area(cache, capacity + room);
	unsigned old_bottom = tp_cache_bottom(cache, stack);

	if (bottom == 0)
		return false;
	uint64_t header = tp_cache_header(cache, stack);
	size_t depth = (header & TP_CACHE_SLOT_MASK) - old_bottom;
	struct tp_rseq_move wanted = {
		.cache = cache,
		.header = header,
		.moved = (header & ~TP_CACHE_SLOT_MASK) | (bottom + depth),
		.from = (void **)cache + old_bottom,
		.to = (void **)cache + bottom,
		.count = depth,
	};

	/* From here to the commit, a thread that looks without the lock sees that place and header do not fit. */
	tp_cache_place(cache, stack, bottom, capacity + room);
	bool moved = commit(stack, &wanted);
	if (!moved) {
		tp_cache_place(cache, stack, old_bottom, capacity);
		tp_cache_give_area(cache, bottom, capacity + room);
	} else if (capacity > 0) {
		tp_cache_give_area(cache, old_bottom, capacity);
	}
	return moved;
}

/* The slots that a stack of @capacity would have next; @capacity if the limit is reached. */
static unsigned next_capacity(int stack, unsigned capacity, unsigned limit)
{
	static const struct tp_class remotes = { .capacity = TP_CLASS_REMOTE_MAX,
		.refill_count = TP_CLASS_REMOTE_FIRST };
	const struct tp_class *c = &tp_classes.row[tp_class_of_stack(stack)];

	return tp_class_next_capacity(stack < 0 ? &remotes : c, capacity, limit < c->capacity ? limit : c->capacity);
}

/* Reserve room and move. The caller holds the cache's lock. Returns whether the stack has more slots. */
static bool grow(struct tp_cpu *cpu, struct tp_cache *cache, int stack, unsigned limit)
{
	unsigned class_index = tp_class_of_stack(stack);
	unsigned capacity = (unsigned)tp_cache_capacity(cache, stack);
	unsigned next = next_capacity(stack, capacity, limit);

	if (next <= capacity)
		return false;
	unsigned room =
	    (unsigned)tp_budget_reserve(cpu, class_index, capacity > 0 ? next - capacity : 1, next - capacity);
	if (room == 0)
		return false;
	if (move(cache, stack, capacity, room))
		return true;
	tp_budget_release(cpu, class_index, room);
	return false;
}

bool tp_stack_grow(int stack, unsigned limit)
{
	struct tp_cpu *cpu = tp_cpus_at(tp_cpus_current_number());

	if (!cpu)
		return false;
	/* At any line this thread may be moved, or the generations turn. The move of the stack fails then. */
	struct tp_cache *cache = cpu->caches[tp_cpus_primary()];
	unsigned capacity = (unsigned)tp_cache_capacity(cache, stack);
	if (next_capacity(stack, capacity, limit) <= capacity)
		return false; /* most full stacks are at their limit; they need no lock, and a hint is enough */
	tp_lock_acquire(&cache->lock);
	bool more = !atomic_load_explicit(&cache->victim, memory_order_relaxed) && grow(cpu, cache, stack, limit);
	tp_lock_release(&cache->lock);
	return more;
}

size_t tp_stack_capacity(int stack)
{
	struct tp_cpu *cpu = tp_cpus_at(tp_cpus_current_number());

	return cpu ? tp_cache_capacity(cpu->caches[tp_cpus_primary()], stack) : 0;
}

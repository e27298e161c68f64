/* Stealing: overflows and victims. See steal.h. */
#include "shim/pool/steal.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "shim/heap/pagemap.h"
#include "shim/heap/size_classes.h"
#include "shim/pool/budget.h"
#include "shim/pool/counters.h"
#include "shim/pool/cpus.h"

#define VICTIM_BATCH 16U /* objects; bench/run loads: a falling load shrinks, and a steady one needs no slab */

/* Of each stack number, by tp_class_stack_index. Each has a cache line of its own. */
static struct hints {
	_Alignas(64) _Atomic uint64_t available[TP_CPUS_GENERATIONS]; /* objects in overflows and victims */
	_Atomic uint64_t hits[TP_STEAL_SOURCE_COUNT]; /* gets */
} hints[TP_CACHE_STACKS];

static struct hints *hints_of(int stack)
{
	return &hints[tp_class_stack_index(stack)];
}

/* Whether a generation may have objects to take. Relaxed: a thread that sees them too late takes others. */
static bool any(unsigned generation, int stack)
{
	return atomic_load_explicit(&hints_of(stack)->available[generation], memory_order_relaxed) != 0;
}

/* Add @change to what a generation has to take. */
static void note(unsigned generation, int stack, uint64_t change)
{
	/* Modulo 2^64, so that adding a negative number subtracts. */
	atomic_fetch_add_explicit(&hints_of(stack)->available[generation], change, memory_order_relaxed);
}

size_t tp_steal_offer(unsigned number, unsigned class_index, void *const *objects, size_t count)
{
	unsigned generation = tp_cpus_primary();
	struct tp_cpu *cpu = tp_cpus_at(number);

	if (!cpu)
		return 0; /* no slow path has run there */
	struct tp_overflow *overflow = &cpu->overflow[generation];
	tp_lock_acquire(&overflow->lock);
	size_t room = tp_budget_reserve(cpu, class_index, 1, count);
	count = tp_overflow_put(overflow, class_index, objects, room);
	note(generation, TP_CLASS_STACK(class_index), count);
	tp_budget_release(cpu, class_index, room - count);
	tp_lock_release(&overflow->lock);
	return count;
}

/*
 * Note that objects have been taken. The caller still holds the lock of the place where they were: a fork after the
 * release and before this would leave the objects reserved in the child for good.
 */
static void forget(struct tp_cpu *cpu, unsigned generation, int stack, size_t taken)
{
	note(generation, stack, -(uint64_t)taken);
	tp_budget_release(cpu, tp_class_of_stack(stack), taken);
}

static size_t take_overflow(unsigned number, unsigned generation, unsigned class_index, void **objects, size_t count)
{
	struct tp_cpu *cpu = tp_cpus_at(number);

	if (!cpu || tp_overflow_depth(&cpu->overflow[generation], class_index) == 0)
		return 0; /* a hint: a thread that sees an object too late takes another */
	struct tp_overflow *overflow = &cpu->overflow[generation];
	tp_lock_acquire(&overflow->lock);
	size_t taken = tp_overflow_take(overflow, class_index, objects, count);
	forget(cpu, generation, TP_CLASS_STACK(class_index), taken);
	tp_lock_release(&overflow->lock);
	return taken;
}

/* Take from a stack, if it is a victim. */
static size_t take_stack(unsigned number, unsigned generation, int stack, void **objects, size_t count)
{
	struct tp_cpu *cpu = tp_cpus_at(number);
	size_t taken = 0;

	if (!cpu || tp_cache_depth(cpu->caches[generation], stack) == 0)
		return 0;
	struct tp_cache *cache = cpu->caches[generation];
	tp_lock_acquire(&cache->lock);
	if (atomic_load_explicit(&cache->victim, memory_order_relaxed))
		taken = tp_cache_take(cache, stack, objects, count);
	forget(cpu, generation, stack, taken);
	tp_lock_release(&cache->lock);
	return taken;
}

/* Take from a victim's stack, or from its overflow if the stack has none. */
static size_t take_victim(unsigned number, unsigned generation, int stack, void **objects, size_t count)
{
	size_t taken = take_stack(number, generation, stack, objects, count);

	return taken || stack < 0 ? taken : take_overflow(number, generation, (unsigned)stack, objects, count);
}

/* Count a get if objects were taken for it. Returns @taken. */
static size_t count_hit(unsigned class_index, enum tp_steal_source source, size_t taken)
{
	if (taken > 0)
		atomic_fetch_add_explicit(
		    &hints_of(TP_CLASS_STACK(class_index))->hits[source], 1, memory_order_relaxed);
	return taken;
}

size_t tp_steal_take(unsigned class_index, void **objects, size_t count)
{
	unsigned primary = tp_cpus_primary(), victim = primary ^ 1;
	bool owned = tp_classes.row[class_index].owned && tp_cpus_owner() != TP_PAGEMAP_NO_OWNER;
	unsigned own = tp_cpus_current_number(), numbers = tp_cpus_number_count();
	unsigned step = owned ? TP_PAGEMAP_OWNERS : 1; /* from a number to the next with the same owner */
	size_t taken = 0;

	if (any(primary, TP_CLASS_STACK(class_index))) {
		taken = take_overflow(own, primary, class_index, objects, count);
		if (taken > 0)
			return count_hit(class_index, TP_STEAL_OVERFLOW, taken);
		for (unsigned i = step; i < numbers && taken == 0; i += step)
			taken = take_overflow((own + i) % numbers, primary, class_index, objects, count);
		if (taken > 0)
			return count_hit(class_index, TP_STEAL_STOLEN, taken);
	}
	if (count > VICTIM_BATCH)
		count = VICTIM_BATCH;
	if (any(victim, TP_CLASS_STACK(class_index)))
		for (unsigned i = 0; i < numbers && taken == 0; i += step)
			taken = take_victim((own + i) % numbers, victim, TP_CLASS_STACK(class_index), objects, count);
	return count_hit(class_index, TP_STEAL_VICTIM, taken);
}

/* Call @apply for every CPU, under the lock of its cache of a generation. */
static void for_each_cache(unsigned generation, void (*apply)(struct tp_cpu *cpu, unsigned generation))
{
	for (unsigned number = 0; number < tp_cpus_number_count(); number++) {
		struct tp_cpu *cpu = tp_cpus_at(number);

		if (!cpu)
			continue;
		struct tp_cache *cache = cpu->caches[generation];
		tp_lock_acquire(&cache->lock);
		apply(cpu, generation);
		tp_lock_release(&cache->lock);
	}
}

/* Open a victim, and give the room of its free slots back: nothing is put on it any more. */
static void open_victim(struct tp_cpu *cpu, unsigned generation)
{
	struct tp_cache *cache = cpu->caches[generation];

	atomic_store_explicit(&cache->victim, 1, memory_order_relaxed);
	for (int stack = TP_CLASS_STACK_MIN; stack <= TP_CLASS_STACK_MAX; stack++) {
		size_t depth = tp_cache_depth(cache, stack);

		if (depth > 0)
			note(generation, stack, depth);
		tp_budget_release(cpu, tp_class_of_stack(stack), tp_cache_capacity(cache, stack) - depth);
	}
}

/* Close a drained victim. Does nothing if it is none: before the first turn, or after a refused fence. */
static void seal(struct tp_cpu *cpu, unsigned generation)
{
	struct tp_cache *cache = cpu->caches[generation];

	if (atomic_exchange_explicit(&cache->victim, 0, memory_order_relaxed))
		tp_counters_seal(cache);
}

void tp_steal_open_victims(unsigned generation)
{
	for_each_cache(generation, open_victim);
}

size_t tp_steal_drain(unsigned generation, int stack, void **objects, size_t count)
{
	size_t taken = 0;

	if (!any(generation, stack))
		return 0;
	for (unsigned number = 0; number < tp_cpus_number_count() && taken == 0; number++)
		taken = take_victim(number, generation, stack, objects, count);
	return taken;
}

void tp_steal_seal(unsigned generation)
{
	for_each_cache(generation, seal);
}

void tp_steal_read_counts(unsigned class_index, uint64_t counts[TP_STEAL_SOURCE_COUNT])
{
	for (unsigned source = 0; source < TP_STEAL_SOURCE_COUNT; source++)
		counts[source] =
		    atomic_load_explicit(&hints_of(TP_CLASS_STACK(class_index))->hits[source], memory_order_relaxed);
}

/* The budgets: reserving first from the CPU's, then from that of all. See budget.h. */
#include "shim/pool/budget.h"

#include <stdatomic.h>

#include "shim/heap/size_classes.h"

static uint64_t max_bytes, max_cpu_bytes; /* written once, by start */
static _Alignas(64) _Atomic uint64_t reserved_bytes; /* a line of its own: it changes with every batch that moves */
static _Atomic uint64_t denied_bytes[TP_CLASS_SLOW_GET]; /* by class */

void tp_budget_start(uint64_t max, uint64_t max_cpu)
{
	max_bytes = max;
	max_cpu_bytes = max_cpu;
}

/* Add to @used as many units as fit below @max, up to @count, or none if @least do not fit. Returns how many units. */
static size_t reserve(_Atomic uint64_t *used, uint64_t max, uint32_t unit_bytes, size_t least, size_t count)
{
	uint64_t now = atomic_load_explicit(used, memory_order_relaxed);
	size_t fits;

	do {
		uint64_t left = now < max ? max - now : 0;

		fits = left / unit_bytes < count ? (size_t)(left / unit_bytes) : count;
		if (fits < least)
			return 0;
		/* acquire: pairs with the release in tp_budget_release */
	} while (!atomic_compare_exchange_weak_explicit(
	    used, &now, now + fits * unit_bytes, memory_order_acquire, memory_order_relaxed));
	return fits;
}

size_t tp_budget_reserve(struct tp_cpu *cpu, unsigned class_index, size_t least, size_t count)
{
	uint32_t unit_bytes = tp_classes.row[class_index].object_bytes;
	size_t wanted = count;

	if (least == 0)
		least = 1;
	count = reserve(&cpu->reserved_bytes, max_cpu_bytes, unit_bytes, least, count);
	if (count > 0) {
		size_t granted = reserve(&reserved_bytes, max_bytes, unit_bytes, least, count);

		if (granted < count)
			atomic_fetch_sub_explicit(
			    &cpu->reserved_bytes, (uint64_t)(count - granted) * unit_bytes, memory_order_relaxed);
		count = granted;
	}
	if (count < wanted)
		atomic_fetch_add_explicit(
		    &denied_bytes[class_index], (uint64_t)(wanted - count) * unit_bytes, memory_order_relaxed);
	return count;
}

void tp_budget_release(struct tp_cpu *cpu, unsigned class_index, size_t count)
{
	uint64_t bytes = (uint64_t)count * tp_classes.row[class_index].object_bytes;

	if (bytes == 0)
		return;
	/* First from all, then from the CPU. Reserving adds in the other order, so all is never above the CPUs' sum. */
	atomic_fetch_sub_explicit(&reserved_bytes, bytes, memory_order_relaxed);
	/* release: pairs with the acquire in reserve */
	atomic_fetch_sub_explicit(&cpu->reserved_bytes, bytes, memory_order_release);
}

uint64_t tp_budget_reserved_bytes(void)
{
	return atomic_load_explicit(&reserved_bytes, memory_order_relaxed);
}

uint64_t tp_budget_denied_bytes(unsigned class_index)
{
	return atomic_load_explicit(&denied_bytes[class_index], memory_order_relaxed);
}

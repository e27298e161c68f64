/*
 * The budgets: how many bytes the pools may hold, in all and on one CPU.
 *
 * Bytes are reserved before there is room for objects: for a stack all its slots, when it gets them; for an overflow
 * each object that comes; for a victim only what it still holds. So the bytes held are never more than the bytes
 * reserved, nor these more than a budget. Owns the two limits, what is reserved in all, and what was refused of each
 * class. Any thread may call; no function waits.
 */
#ifndef TP_BUDGET_H
#define TP_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "shim/pool/cpus.h"

/* Set the budgets: of all CPUs together, and of each CPU. Called once, by tp_start. */
void tp_budget_start(uint64_t max_bytes, uint64_t max_cpu_bytes);

/*
 * Reserve room on @cpu for up to @count objects of a class, but for none if there is not room for @least.
 * Returns for how many objects. The others count as denied.
 */
size_t tp_budget_reserve(struct tp_cpu *cpu, unsigned class_index, size_t least, size_t count);

/* Give the room of @count objects of a class on @cpu back. The caller has removed them, or their slots, before. */
void tp_budget_release(struct tp_cpu *cpu, unsigned class_index, size_t count);

/* Return the bytes that are reserved now, on all CPUs. */
uint64_t tp_budget_reserved_bytes(void);

/* Return how many bytes a class was refused since the program began. */
uint64_t tp_budget_denied_bytes(unsigned class_index);

#endif

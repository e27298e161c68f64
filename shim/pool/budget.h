/*
 * The budgets: how many bytes the pools may hold, in all and on one CPU.
 *
 * Bytes are reserved before there is room for them: a stack's slots when it gets
 * them, an overflow's objects as they come; of a victim, what it still holds. So
 * what is held is never more. Any thread may call; no lock is needed.
 */
#ifndef TP_BUDGET_H
#define TP_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "shim/pool/cpus.h"

void tp_budget_start(uint64_t max_bytes, uint64_t max_cpu_bytes);

/*
 * Reserve room for up to @count objects of @class_index on @cpu, at least @least or none.
 * Returns for how many; what was refused counts as denied.
 */
size_t tp_budget_reserve(struct tp_cpu *cpu, unsigned class_index, size_t least, size_t count);

void tp_budget_release(struct tp_cpu *cpu, unsigned class_index, size_t count);

/* Bytes reserved now. */
uint64_t tp_budget_reserved_bytes(void);

/* Bytes of a class that were refused, since the process began. */
uint64_t tp_budget_denied_bytes(unsigned class_index);

#endif

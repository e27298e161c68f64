/*
 * Gaps: how many bytes lie between two sampled allocations.
 *
 * Gaps are distributed exponentially. So an allocation of S bytes is sampled with the probability 1 - exp(-S / mean),
 * whatever came before it, as readers of a "heap_v2" profile assume. Pure. Only integers are used: the program's
 * floating-point flags stay as they are.
 */
#ifndef TP_POLICY_GAP_H
#define TP_POLICY_GAP_H

#include <stdint.h>

/*
 * Draw the next gap. @state: of the generator, not 0; changes. @mean_bytes: up to 2^46; with 0 or 1 every gap is 0.
 * Returns how many bytes pass unsampled. The allocation that goes beyond them is sampled.
 */
uint64_t tp_gap_next(uint64_t *state, uint64_t mean_bytes);

/* Make a state for the generator, which is never 0, from two numbers that together differ between threads. */
uint64_t tp_gap_seed(uint64_t a, uint64_t b);

#endif

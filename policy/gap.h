/*
 * Gaps: how many bytes lie between two sampled allocations.
 *
 * Exponentially distributed, so that an allocation of S bytes is sampled with the
 * probability 1 - exp(-S / mean), wherever it stands: what readers of a "heap_v2"
 * profile take it for. Pure, and in integers: a host's floating-point flags stay its own.
 */
#ifndef TP_POLICY_GAP_H
#define TP_POLICY_GAP_H

#include <stdint.h>

/*
 * Draw the next gap. @state: the generator's, not 0; changed. @mean_bytes: up to 2^46; of 1 every gap is 0.
 * Returns bytes that pass unsampled; the one that goes beyond them is sampled.
 */
uint64_t tp_gap_next(uint64_t *state, uint64_t mean_bytes);

/* A state for the generator, never 0, from numbers that differ between threads. */
uint64_t tp_gap_seed(uint64_t a, uint64_t b);

#endif

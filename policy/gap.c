/* Gaps: the generator and the logarithm. See gap.h. @rare */
#include "policy/gap.h"

#define FRACTION_BITS 24
#define LN2_32 UINT64_C(2977044472) /* ln 2 * 2^32 */

__extension__ typedef unsigned __int128 wide;

/* xorshift64*. Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled". */
static uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * UINT64_C(2685821657736338717);
}

/* -log2(@random / 2^64), with FRACTION_BITS bits after the point. Each squaring of the mantissa gives one bit. */
static uint64_t minus_log2(uint64_t random)
{
	unsigned shift = (unsigned)__builtin_clzl(random);
	uint64_t mantissa = random << shift; /* from 1 to below 2, with 63 bits after the point */
	uint64_t log = 63 - shift;

	for (unsigned bit = 0; bit < FRACTION_BITS; bit++) {
		wide square = (wide)mantissa * mantissa; /* 126 bits after the point */
		unsigned is_two = (unsigned)(square >> 127);

		log = log << 1 | is_two;
		mantissa = (uint64_t)(square >> (63 + is_two));
	}
	return (UINT64_C(64) << FRACTION_BITS) - log;
}

uint64_t tp_gap_next(uint64_t *state, uint64_t mean_bytes)
{
	if (mean_bytes <= 1)
		return 0;
	uint64_t random = next_random(state) | 1; /* 0 has no logarithm */
	uint64_t minus_ln = (uint64_t)((wide)minus_log2(random) * LN2_32 >> 32);

	return (uint64_t)((wide)minus_ln * mean_bytes >> FRACTION_BITS);
}

uint64_t tp_gap_seed(uint64_t a, uint64_t b)
{
	uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b;

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return x != 0 ? x : 1;
}

/* Gaps: their mean, their distribution, and the ends of the range. */
#include "policy/gap.h"

#include <criterion/criterion.h>
#include <math.h>

#define DRAWS 1000000
#define MEAN (UINT64_C(512) << 10)

Test(gap, every_gap_of_mean_one_is_zero)
{
	uint64_t state = tp_gap_seed(1, 2);

	for (int i = 0; i < 1000; i++)
		cr_assert_eq(tp_gap_next(&state, 1), 0);
}

Test(gap, gaps_are_exponential)
{
	uint64_t state = tp_gap_seed(1, 2);
	const double points[] = { 0.001, 0.1, 0.5, 1, 2, 5 };
	double sum = 0, squares = 0;
	long below[6] = { 0 };

	for (int i = 0; i < DRAWS; i++) {
		double gap = (double)tp_gap_next(&state, MEAN) / (double)MEAN;

		sum += gap;
		squares += gap * gap;
		for (int k = 0; k < 6; k++)
			below[k] += gap < points[k];
	}
	cr_assert_float_eq(sum / DRAWS, 1, 0.005, "mean %f", sum / DRAWS);
	cr_assert_float_eq(squares / DRAWS, 2, 0.02, "second moment %f", squares / DRAWS);
	for (int k = 0; k < 6; k++) {
		double share = (double)below[k] / DRAWS, expected = 1 - exp(-points[k]);

		cr_assert_float_eq(share, expected, 4 * sqrt(expected / DRAWS), "below %g: %f", points[k], share);
	}
}

Test(gap, the_largest_mean_does_not_overflow)
{
	uint64_t state = tp_gap_seed(3, 4), largest = 0;

	for (int i = 0; i < DRAWS; i++) {
		uint64_t gap = tp_gap_next(&state, UINT64_C(64) << 30);

		largest = gap > largest ? gap : largest;
	}
	/* ln(2^64) = 44 means at the most; a million draws come to about 14. */
	cr_assert_gt(largest, UINT64_C(64) << 33);
	cr_assert_lt(largest, UINT64_C(64) << 36);
}

Test(gap, no_seed_is_zero_and_seeds_differ)
{
	for (uint64_t i = 0; i < 1000; i++) {
		cr_assert_neq(tp_gap_seed(i, 0), 0);
		cr_assert_neq(tp_gap_seed(i, 1), tp_gap_seed(i + 1, 1));
	}
}

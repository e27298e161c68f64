"""What repeated measurements say: their middle, their spread, and whether two sets of them differ."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

SIGNIFICANT = 0.05
ORDERS_MAX = 20000  # so many ways to deal samples out are counted one by one
EXACT_MAX = 20  # samples of a side, where none are equal


def summary(values: Sequence[float]) -> dict[str, Any]:
    """The median and the spread of samples."""
    ordered = sorted(values)
    low, _, high = statistics.quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else ordered * 3
    return {"median": statistics.median(ordered), "min": ordered[0], "max": ordered[-1], "quartiles": [low, high]}


def chance_alike(first: Sequence[float], second: Sequence[float]) -> float:
    """The chance (p) of samples so different, or more, if nothing made them differ: the two-sided test of Mann and
    Whitney, exact where there are few samples, equal ones or not, and by the normal curve where there are many."""
    if min(len(first), len(second)) < 2 or len({*first, *second}) == 1:
        return 1.0  # one sample tells nothing, nor do equal ones
    # Here, as it takes half a second to load.
    from scipy.stats import mannwhitneyu, permutation_test, rankdata
    if math.comb(len(first) + len(second), len(first)) <= ORDERS_MAX:
        ranks = rankdata([*first, *second])
        middle = ranks.mean()
        found = permutation_test((ranks[:len(first)], ranks[len(first):]),
                                 lambda one, _other, axis: abs(one.mean(axis=axis) - middle), n_resamples=math.inf,
                                 permutation_type="independent", alternative="greater", vectorized=True)
    else:
        tied = len({*first, *second}) < len(first) + len(second)
        exact = not tied and max(len(first), len(second)) <= EXACT_MAX
        found = mannwhitneyu(first, second, method="exact" if exact else "asymptotic")
    return float(found.pvalue)

"""What repeated measurements say: their middle, their spread, and whether two sets of them differ."""

import math
import statistics

EXACT_LIMIT = 20  # up to so many samples on each side, every order of them is counted
SIGNIFICANT = 0.05


def summary(values):
    """The median and the spread of samples."""
    ordered = sorted(values)
    if len(ordered) > 1:
        low_quartile, _, high_quartile = statistics.quantiles(ordered, n=4, method="inclusive")
    else:
        low_quartile = high_quartile = ordered[0]
    return {"median": statistics.median(ordered), "min": ordered[0], "max": ordered[-1],
            "quartiles": [low_quartile, high_quartile]}


def rank_sum_statistic(first, second):
    """Mann and Whitney's U of `first`: how often one of its samples is the larger of a pair; ties count a half."""
    return sum((a > b) + (a == b) / 2 for a in first for b in second)


def orders_by_statistic(first_count, second_count):
    """How many orders of so many samples have U = 0, 1, 2, ... (the recurrence of Mann and Whitney's paper)."""
    row = [[1] for _ in range(second_count + 1)]  # no samples on the first side
    for m in range(1, first_count + 1):
        new = [[1]]
        for n in range(1, second_count + 1):
            counts = [0] * (m * n + 1)
            for u, ways in enumerate(new[n - 1]):  # the largest is one of the second side
                counts[u] += ways
            for u, ways in enumerate(row[n]):  # the largest is one of the first side: above all n
                counts[u + n] += ways
            new.append(counts)
        row = new
    return row[second_count]


def exact_chance(statistic, first_count, second_count):
    """The chance of a U as far from the middle as this one, where both sides are alike and there are no ties."""
    ways = orders_by_statistic(first_count, second_count)
    tail = int(min(statistic, first_count * second_count - statistic))
    return min(1.0, 2 * sum(ways[: tail + 1]) / sum(ways))


def normal_chance(statistic, first, second):
    """The same by the normal curve, corrected for ties and for continuity."""
    both = [*first, *second]
    count, pairs = len(both), len(first) * len(second)
    ties = sum(same ** 3 - same for same in (both.count(value) for value in set(both)))
    variance = pairs / 12 * (count + 1 - ties / (count * (count - 1)))
    if variance <= 0:
        return 1.0
    distance = max(0.0, abs(statistic - pairs / 2) - 0.5)
    return math.erfc(distance / math.sqrt(2 * variance))


def chance_alike(first, second):
    """The chance (p) of samples so different, or more, if nothing made them differ.

    The two-sided test of Mann and Whitney, "On a test of whether one of two random variables is stochastically larger
    than the other", Annals of Mathematical Statistics 18 (1947): exact where there are few samples and no ties.
    """
    if not first or not second:
        return 1.0
    statistic = rank_sum_statistic(first, second)
    tied = len({*first, *second}) < len(first) + len(second)
    if not tied and max(len(first), len(second)) <= EXACT_LIMIT:
        return exact_chance(statistic, len(first), len(second))
    return normal_chance(statistic, first, second)

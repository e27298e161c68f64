"""The chance that two sets of samples are alike: of so few, by counting all the ways to deal them out."""

import itertools
import math
import time

import pytest
from tidepool_tools.measure.samples import chance_alike, summary


def counted(first, second):
    """The chance, counted one by one: how many ways differ as much from the middle."""
    both, count = [*first, *second], len(first)

    def distance(places):
        others = [both[i] for i in range(len(both)) if i not in places]
        larger = sum((both[i] > other) + (both[i] == other) / 2 for i in places for other in others)
        return abs(larger - count * len(second) / 2)

    least = distance(range(count))
    ways = [distance(places) >= least for places in itertools.combinations(range(len(both)), count)]
    return sum(ways) / len(ways)


@pytest.mark.parametrize("first, second", [
    ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]), ([1.1, 2.5, 3.7, 4.2], [2.0, 3.1, 5.6, 7.7, 8.1]), ([5, 1], [3, 2, 4]),
    ([1, 1, 1], [2, 2, 2]), ([1, 2, 2, 3], [2, 3, 3, 4, 4]), ([0, 0, 0, 7], [0, 0, 0, 0])])
def test_few_samples_are_exact_tied_or_not(first, second):
    assert chance_alike(first, second) == pytest.approx(counted(first, second), abs=1e-12)
    assert chance_alike(first, second) == pytest.approx(chance_alike(second, first), abs=1e-12)


def test_three_against_three_that_are_equal_among_themselves():
    assert chance_alike([1, 1, 1], [2, 2, 2]) == pytest.approx(0.1)


def test_what_tells_nothing_is_chance():
    assert chance_alike([7, 7, 7], [7, 7, 7]) == chance_alike([], [1]) == chance_alike([1], [2, 3, 4]) == 1


def test_many_samples_are_right_and_quick():
    few = list(range(15))
    more = [value + 5.5 for value in few]
    began = time.monotonic()
    # By the normal curve: U is 50 of 225, its mean 112.5 and its variance 15 x 15 x 31 / 12.
    assert chance_alike(few, more) == pytest.approx(math.erfc((62.5 - 0.5) / math.sqrt(2 * 581.25)), abs=0.01)
    assert chance_alike(few * 4, more * 4) < 1e-6 < 0.9 < chance_alike(few * 4, few * 4)
    assert time.monotonic() - began < 20


def test_summary():
    assert summary([3, 1, 2, 10]) == {"median": 2.5, "min": 1, "max": 10, "quartiles": [1.75, 4.75]}
    assert summary([3])["quartiles"] == [3, 3]

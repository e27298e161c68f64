"""The choices of `tidepool tune`: exact classes against every other choice, and rules against made-up histograms."""

import itertools
import random

import pytest
from tidepool_tools.measure.classes import best_sets, choose_exact, waste_bytes
from tidepool_tools.measure.tuning import Tuning


def test_the_best_sets_are_the_best():
    dice = random.Random(1)
    for _ in range(100):
        low, high = dice.choice([(1024, 1152), (2048, 2304), (4608, 5120)])
        sizes = {dice.randrange(low + 1, high + 1): dice.randrange(1, 100) for _ in range(8)}
        grains = sorted({-(-size // 16) * 16 for size in sizes} - {high})

        def saved(exact):
            return waste_bytes([low, high], sizes) - waste_bytes(sorted([low, *exact, high]), sizes)

        for count, (gain, chosen) in enumerate(best_sets(low, high, sizes, 3)):
            assert gain == saved(chosen) == max(map(saved, itertools.combinations(grains, count)))


def test_what_saves_little_or_is_rare_has_no_class():
    assert choose_exact({4160: 1000, 2000: 10**6}, 12) == [2000]
    assert choose_exact({4160: 99}, 12) == []


# Lifetimes of 1.5 x 2^k ns. k = 18: 64,000 a second x 0.39 ms = 25 live; 2 x (25 + 4 x 5.0) = 91, and the default is
# 64, with 128 in the overflow. k = 20: 101 live, wanted 282. k = 12: 0.4 live, 16 is the least. With few live at once
# none of it matters.
@pytest.mark.parametrize("what, wanted, size, span_s, gets, lives", [
    ("nothing special", [], 64, 1, 64000, {}),
    ("kept to the end", [], 64, 1, 64000, {"freed": 10}),
    ("rare, in a long run", ["64:never"], 64, 20, 50, {}),
    ("rare, in a short run", [], 64, 1, 50, {}),
    ("hot from the start", ["64:always"], 64, 1, 64000, {"start_gets": 100}),
    ("not so hot", [], 64, 1, 64000, {"start_gets": 99}),
    ("hot, but kept", [], 64, 1, 64000, {"start_gets": 100, "freed": 400}),
    ("a burst at the start", ["64:always,warm=511"], 64, 1, 64000, {"start_gets": 2000, "start_live": 16}),
    ("about the default", [], 16384, 1, 64000, {"log2_ns": [[18, 1000]]}),
    ("many live for a short time", ["16384:cap=282"], 16384, 1, 64000, {"log2_ns": [[20, 1000]]}),
    ("few live, as many as the default holds", [], 16384, 1, 64000, {"log2_ns": [[20, 1000]], "live_peak": 1}),
    ("more memory than is worth it", [], 65536, 1, 64000, {"log2_ns": [[20, 1000]]}),
    ("fewer than the overflow holds by default", [], 4096, 1, 64000, {"log2_ns": [[20, 1000]]}),
    ("too long for a pool", [], 16384, 1, 64000, {"log2_ns": [[31, 1000]]}),
    ("few at a time, many at once", ["16384:cap=16"], 16384, 1, 64000, {"log2_ns": [[12, 1000]]}),
    ("the same of the largest", ["65536:cap=16"], 65536, 1, 64000, {"log2_ns": [[12, 1000]]}),
    ("the same of small ones, which hold little", [], 64, 1, 64000, {"log2_ns": [[12, 1000]]}),
    ("few at a time, and perhaps never many", [], 16384, 1, 64000, {"log2_ns": [[12, 1000]], "live_peak": 7}),
    ("a burst at the start, perhaps", ["64:always"], 64, 1, 64000, {"start_gets": 2000, "start_live": 7})])
def test_the_rules(what, wanted, size, span_s, gets, lives):
    row = {"size": size, "start_gets": 0, "start_live": 0, "sampled": 1000, "lost": 0, "freed": 1000,
           "live_peak": 1000, "total_ns": 0, "log2_ns": [[10, 1000]], **lives}
    histogram = {"span_ns": span_s * 10**9, "sizes": [[size, gets]],
                 "lifetimes": {"interval": 64, "sampled": 1000, "per_size": [row]}}
    found = [f"{target}:{items}" for target, items, _ in Tuning([histogram], 1, 0).directives()]
    assert found == wanted, what

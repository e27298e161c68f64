"""Size classes as the library has them by default, what they waste, and which exact ones would waste least.

Waste is object size less requested size, summed over the requests up to 64 KiB. A request of 0 bytes gets an
object like one of 1. The default classes are those of policy/class.c: every 16 bytes up to 256, then six steps a
doubling, of 18, 20, 22, 25, 28 and 32 sixteenths.

Exact classes are multiples of 16 between two default classes. Between two neighbours the best sets of 0, 1, 2 ... of
them come from dynamic programming over the sizes asked for; the gain of one more falls with each, so that taking the
largest gain of all neighbours each time gives the best set of all. A class stays only if, without it and with the
others, the waste would be greater by MIN_SHARE of all waste, or if OFTEN_SHARE of all requests come to it; and in any
case only if MIN_GETS requests do, because it has slabs of its own.
"""

import bisect
from collections.abc import Mapping, Sequence

Sizes = Mapping[int, float]  # requested bytes -> gets

GRAIN_BYTES = 16
LARGEST_BYTES = 65536
MIN_SHARE = 0.01
OFTEN_SHARE = 0.05
MIN_GETS = 100


def default_classes() -> list[int]:
    """The sizes of the default classes, rising."""
    sizes = list(range(GRAIN_BYTES, 257, GRAIN_BYTES))
    while sizes[-1] < LARGEST_BYTES:
        octave = sizes[-1] // 16
        sizes += [octave * sixteenths for sixteenths in (18, 20, 22, 25, 28, 32)]
    return sizes


def class_of(classes: Sequence[int], size: int) -> int | None:
    """The class that serves a request of `size` bytes, or None for one over the largest."""
    place = bisect.bisect_left(classes, max(size, 1))
    return classes[place] if place < len(classes) else None


def gets_by_class(classes: Sequence[int], sizes: Sizes) -> dict[int, float]:
    """The requests that come to each class, of `sizes`: size -> gets."""
    gets: dict[int, float] = dict.fromkeys(classes, 0)
    for size, count in sizes.items():
        chosen = class_of(classes, size)
        if chosen:
            gets[chosen] += count
    return gets


def waste_bytes(classes: Sequence[int], sizes: Sizes) -> float:
    """Bytes of objects that nobody asked for, over all requests up to the largest class."""
    chosen = ((class_of(classes, size), size, count) for size, count in sizes.items())
    return sum((its_class - size) * count for its_class, size, count in chosen if its_class)


def best_sets(low: int, high: int, sizes: Sizes, most: int) -> list[tuple[float, tuple[int, ...]]]:
    """Return [(gain in bytes, sizes)] of the best 0, 1, ... `most` exact classes between the classes low and high."""
    gets: dict[int, float] = {}
    for size, count in sizes.items():
        if low < size <= high:
            grain = -(-size // GRAIN_BYTES) * GRAIN_BYTES
            gets[grain] = gets.get(grain, 0) + count
    grains = sorted(set(gets) - {high})
    below: list[float] = [0]  # requests up to each grain
    for grain in grains:
        below.append(below[-1] + gets[grain])
    # saved[j]: most bytes saved by sets whose largest class is grain j - 1, which serves what no smaller one does.
    sets: list[tuple[float, tuple[int, ...]]] = [(0, ())]
    saved: list[float] = [0, *[-1] * len(grains)]
    chosen: list[tuple[int, ...]] = [()] * (len(grains) + 1)
    for _ in range(min(most, len(grains))):
        next_saved: list[float] = [-1] * (len(grains) + 1)
        next_chosen: list[tuple[int, ...]] = [()] * (len(grains) + 1)
        for j, grain in enumerate(grains, 1):
            steps = ((saved[i] + (high - grain) * (below[j] - below[i]), i) for i in range(j) if saved[i] >= 0)
            next_saved[j], i = max(steps, default=(-1, 0))
            next_chosen[j] = chosen[i] + (grain,)
        saved, chosen = next_saved, next_chosen
        best = max(range(len(saved)), key=saved.__getitem__)
        sets.append((saved[best], chosen[best]))
    return sets


def greedy(ladders: list[list[tuple[float, tuple[int, ...]]]], limits: list[int], most: int) -> list[int]:
    """Return how many classes each ladder (gains of 0, 1, 2 ...) gets when the largest step is taken `most` times."""
    taken = [0] * len(ladders)
    for _ in range(most):
        steps = [(ladder[count + 1][0] - ladder[count][0], place)
                 for place, (ladder, count, limit) in enumerate(zip(ladders, taken, limits)) if count < limit]
        if not steps or max(steps)[0] <= 0:
            break
        taken[max(steps)[1]] += 1
    return taken


def unworthy(classes: list[int], exact: list[int], sizes: Sizes, all_waste: float) -> int | None:
    """Return the exact class that is worth least of those worth too little, or None."""
    gets, all_gets = gets_by_class(classes, sizes), sum(sizes.values())
    worth = [((classes[classes.index(size) + 1] - size) * gets[size], size) for size in exact]
    poor = [(saved, size) for saved, size in worth
            if gets[size] < MIN_GETS or (saved < MIN_SHARE * all_waste and gets[size] < OFTEN_SHARE * all_gets)]
    return min(poor)[1] if poor else None


def choose_exact(sizes: Sizes, most: int) -> list[int]:
    """Return the exact classes, at most `most`, that waste least for `sizes`: size -> gets."""
    classes = default_classes()
    all_waste = waste_bytes(classes, sizes)
    intervals = [(low, high) for low, high in zip([0] + classes, classes) if high - low > GRAIN_BYTES]
    ladders = [best_sets(low, high, sizes, most) for low, high in intervals]
    limits = [len(ladder) - 1 for ladder in ladders]
    while True:
        taken = greedy(ladders, limits, most)
        exact = sorted(size for ladder, count in zip(ladders, taken) for size in ladder[count][1])
        poor = unworthy(sorted(classes + exact), exact, sizes, all_waste)
        if poor is None:
            return exact
        # One fewer there, and the best set of so many instead.
        place = next(i for i, (low, high) in enumerate(intervals) if low < poor < high)
        limits[place] = taken[place] - 1

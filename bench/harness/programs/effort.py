"""How much is measured, and with what was built where."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Effort:
    """What a program's command depends on beside its row and its allocator."""

    build: str  # the folder in which the library and bench/ were built
    rounds: int
    quick: bool  # the programs with a fixed amount of work do less
    seconds: float  # of one run of a program that times itself
    warmup: float  # seconds before those
    starts: int  # of /bin/true
    records: int  # of the heap that python builds


def quick(build: str) -> Effort:
    """Return what a rough answer takes, in two minutes."""
    return Effort(build, rounds=2, quick=True, seconds=0.05, warmup=0.02, starts=60, records=50000)


def full(build: str) -> Effort:
    """Return what the figures of bench/results take."""
    return Effort(build, rounds=5, quick=False, seconds=0.25, warmup=0.05, starts=200, records=200000)

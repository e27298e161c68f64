"""Sums of dumps: which of them count, and what several processes, programs or hosts did together."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from .dump import Dump

Key = TypeVar("Key")


def added(rows: Iterable[Mapping[Key, float]]) -> dict[Key, float]:
    """The sums of counters, by name."""
    total: dict[Key, float] = {}
    for row in rows:
        for name, value in row.items():
            total[name] = total.get(name, 0) + value
    return total


def lives(dumps: Iterable[Dump]) -> list[list[Dump]]:
    """The dumps of each process, in the order they were written; the busiest process first.

    A later dump counts all again that an earlier one did: a signal's, or those of an interval. A pid may come again; a
    process never grows younger or asks less. A sum is no process's, and alone.
    """
    found: list[list[Dump]] = []
    last: dict[tuple[str, int, float], list[Dump]] = {}
    for dump in dumps:
        name = (dump.program, dump.pid, dump.started_s)
        life = None if dump.by_program else last.get(name)
        if life is None or dump.uptime_s < life[-1].uptime_s or dump.totals["gets"] < life[-1].totals["gets"]:
            life = []
            found.append(life)
            if not dump.by_program:
                last[name] = life
        life.append(dump)
    return sorted(found, key=lambda life: -life[-1].totals["gets"])


def sum_of(dumps: list[Dump]) -> Dump:
    """What processes did together: counters and levels add, of what cannot be added the largest counts."""
    first = dumps[0]
    sizes = {size for dump in dumps for size in dump.classes}
    return Dump(
        programs=sorted({name for dump in dumps for name in dump.programs}),
        pids=sorted(pid for dump in dumps for pid in dump.pids),
        versions=sorted({name for dump in dumps for name in dump.versions}),
        processes=sum(dump.processes for dump in dumps), uptime_s=max(dump.uptime_s for dump in dumps),
        totals=added(dump.totals for dump in dumps), large=added(dump.large for dump in dumps),
        turn=added(dump.turn for dump in dumps),
        classes={size: added(dump.classes[size] for dump in dumps if size in dump.classes) for size in sizes},
        peak_rss_bytes=max(dump.peak_rss_bytes for dump in dumps),
        peak_rss_sum_bytes=sum(dump.peak_rss_sum_bytes for dump in dumps),
        mode=first.mode, cache_guard=first.cache_guard, caches=max(dump.caches for dump in dumps),
        started_s=first.started_s, policies=first.policies, changes=first.changes,
        sizes=added(dump.sizes for dump in dumps))


def add_up(dumps: Iterable[Dump]) -> Dump:
    """The sum of dumps and sums, with that of each program."""
    parts = [part for dump in dumps for part in dump.parts()]
    whole = sum_of([each for _, each in parts])
    whole.by_program = {name: sum_of([each for other, each in parts if other == name])
                        for name in sorted({name for name, _ in parts})}
    return whole

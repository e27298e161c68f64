"""The sections that compare two runs by their statistics."""

from collections.abc import Callable

from ..base.figures import bytes_text, change_text, count_text, seconds_text, share_text, size_text
from ..stats.dump import Dump, hits, pooled
from .page import Page
from .parts import parts

# (name, figure of a run, how it is written)
MEASURES: tuple[tuple[str, Callable[[Dump], float], Callable[[float], str]], ...] = (
    ("requests", lambda dump: dump.totals["gets"], count_text),
    ("requests a second", lambda dump: dump.totals["gets"] / dump.uptime_s if dump.uptime_s else 0, count_text),
    ("asked of slabs", lambda dump: dump.totals["from_slab"], count_text),
    ("puts", lambda dump: dump.totals["puts"], count_text),
    ("puts that no pool took", lambda dump: dump.totals["spilled"], count_text),
    ("passed on, not pooled", lambda dump: dump.totals["unpooled"], count_text),
    ("held by the pools", lambda dump: dump.totals["held_bytes"], bytes_text),
    ("peak memory", lambda dump: dump.peak_rss_bytes, bytes_text),
    ("larger requests", lambda dump: dump.large["gets"], count_text),
    ("turns", lambda dump: dump.turn["turns"], count_text),
    ("time in turns", lambda dump: dump.turn["tick_ns"] / 1e9, seconds_text),
    ("returned to the kernel", lambda dump: dump.turn["returned_bytes"], bytes_text),
    ("ran for", lambda dump: dump.uptime_s, seconds_text),
)


def add(page: Page, runs: list[tuple[str, Dump]]) -> None:
    """Compare two runs, each the sum of what its processes did."""
    group = page.group("Two runs compared")
    (first, before), (second, after) = runs
    rows = [(name, write(figure(before)), write(figure(after)), change_text(figure(before), figure(after)))
            for name, figure, write in MEASURES]
    rates = [share_text(hits(run.totals), pooled(run.totals)) for run in (before, after)]
    rows.insert(1, ("hit rate", rates[0], rates[1], "-"))
    group.section("The runs as a whole", "What both runs counted, and how much more or less the second did.",
                  parts.table("The runs as a whole", ("", parts.foreign(first), parts.foreign(second), "change"), rows))
    by_class = []
    for size in {*before.classes, *after.classes}:
        pair = [run.classes.get(size) for run in (before, after)]
        gets = [row["gets"] if row else 0 for row in pair]
        if any(gets):
            by_class.append((-max(gets), size, (
                size_text(size), *map(count_text, gets), change_text(*gets),
                *(share_text(hits(row), pooled(row)) if row else "-" for row in pair))))
    group.section("Class by class",
                  "Requests and hit rates of each size in the first and the second run, the busiest first.",
                  parts.table("Class by class", ("size", "gets, first", "gets, second", "change", "hit rate, first",
                                                 "hit rate, second"), [row for _, _, row in sorted(by_class)]))

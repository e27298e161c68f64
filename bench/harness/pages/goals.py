"""Tidepool's figures beside its goals."""

import statistics
from collections.abc import Iterator

from harness.field.allocators import NULL, TIDEPOOL
from harness.field.peers import JEMALLOC, MIMALLOC, PEERS
from harness.figures.numbers import number, size_label, spread
from harness.figures.results import Results, Row
from harness.programs.table import PROGRAMS, SIZES

Goal = dict[str, object]  # goal: its text; met: None if not measured; measured: the figures as text


def ratio_goal(results: Results, text: str, program: str, row: Row, other: str | None, key: str, limit: float,
               strict: bool) -> Goal:
    """Return one goal on tidepool's figure over another's."""
    ratios = results.ratios(program, row, TIDEPOOL, other, key)
    goal: Goal = {"goal": "%s %s %.2f" % (text, "<" if strict else "<=", limit), "met": None, "measured": None}
    if ratios:
        middle, low, high = ratios
        goal["met"] = middle < limit if strict else middle <= limit
        goal["measured"] = "%.2f (%.2f..%.2f): %s to %s's %s%s" % (
            middle, low, high, number(results.median(program, row, TIDEPOOL, key)), other,
            number(results.median(program, row, other or "", key)),
            ", its rounds on both sides of the goal" if low < limit < high else "")
    return goal


def figure_goal(results: Results, text: str, program: str, row: Row, key: str, limit: float, unit: str,
                strict: bool = True) -> Goal:
    """Return one goal on tidepool's figure itself: `text` ends with the limit."""
    values = results.values(program, row, TIDEPOOL, key).values()
    goal: Goal = {"goal": text, "met": None, "measured": None}
    if values:
        middle = statistics.median(values)
        goal["met"] = middle < limit if strict else middle <= limit
        goal["measured"] = "%s %s (%s)" % (number(middle), unit, spread(values))
    return goal


def suite_goals(results: Results) -> Iterator[Goal]:
    """Yield the goals on the suite and the real programs together: means to jemalloc, and each row to the best."""
    rows = [(name, row) for name in ("suite", "real") for row in results.rows(name)]
    for key, text, limit in (("seconds", "time", 0.70), ("peak_mib", "peak memory", 0.80)):
        mean, count = results.mean(rows, TIDEPOOL, key, JEMALLOC)
        yield {"goal": "suite and real programs, %s / jemalloc <= %.2f" % (text, limit),
               "met": mean and mean <= limit, "measured": mean and "%.2f over %d rows" % (mean, count)}
    for name, row in rows:
        yield ratio_goal(results, "%s / best of the others" % row, name, row,
                         results.best_other(name, row, "seconds", TIDEPOOL), "seconds", 1.10, False)


def case_goals(results: Results) -> Iterator[Goal]:
    """Yield the goals on memory that goes back, and on pauses."""
    cases = {program.name: [str(row) for row in program.rows] for program in PROGRAMS}
    for case in cases["idle"]:
        yield figure_goal(results, "idle, %s: after 2 s <= 5 MiB" % case.split(" (")[0].split(",")[0], "idle",
                          case, "after2_over_mib", 5, "MiB", strict=False)
    together, apart, _ = cases["crowd"]
    for case in (together, apart):
        label = "crowd %s" % case.split(":")[0]
        if case == apart:  # what is alive at once in the other one is more than that
            yield figure_goal(results, label + ": peak <= 60 MiB", "crowd", case, "peak_mib", 60, "MiB", strict=False)
        yield figure_goal(results, label + ": after 2 s <= 24 MiB", "crowd", case, "after2_mib", 24, "MiB",
                          strict=False)
        yield ratio_goal(results, label + " / best peer", "crowd", case,
                         results.best_peer("crowd", case, "seconds"), "seconds", 1.0, False)
    for case in cases["pause"]:
        if not case.endswith("no turn"):
            yield figure_goal(results, "%s: p99 < 50 us" % case, "pause", case, "p99_ns", 50000, "ns")


def goals(results: Results) -> list[Goal]:
    """Return all goals."""
    return [
        *(ratio_goal(results, "pair %s / best peer" % size_label(size), "pair", size,
                     results.best_peer("pair", size, "ns"), "ns", limit, strict)
          for size, limit, strict in ((64, 1.0, False), (4096, 0.75, True), (32768, 0.75, True))),
        *(ratio_goal(results, "pair %s / null" % size_label(size), "pair", size, NULL, "ns", 1.25, False)
          for size in SIZES),
        ratio_goal(results, "heap growth / mimalloc", "heap", None, MIMALLOC, "seconds", 1.0, False),
        figure_goal(results, "/bin/true, added < 500 us", "startup", None, "added_us", 500, "us"),
        figure_goal(results, "/bin/true, added < 1 MiB", "startup", None, "added_memory_mib", 1, "MiB"),
        *suite_goals(results), *case_goals(results)]


def lines(results: Results, note: str) -> Iterator[str]:
    """Yield the goals as text; nothing if none was measured."""
    found = goals(results)
    measured = [goal for goal in found if goal["met"] is not None]
    if not measured:
        return
    yield ""
    yield "tidepool vs goals%s" % (" (%s)" % note if note else "")
    yield "  a ratio is the median over rounds (lowest..highest); the best peer has the lowest median of %s" % (
        ", ".join(PEERS))
    for goal in measured:
        yield "  %-13s %-45s %s" % ("met" if goal["met"] else "NOT MET", goal["goal"], goal["measured"])
    if len(measured) < len(found):
        yield "  %-13s %d of the goals, by this run" % ("not measured", len(found) - len(measured))
    for program in ("batch", "mixed", "pass"):
        ratios = {size: results.ratios(program, size, TIDEPOOL, NULL, "ns") for size in SIZES}
        worst, size = max(((found[0], size) for size, found in ratios.items() if found), default=(None, 0))
        if worst:
            yield "  %-13s %s / null, its worst row: %.2f at %s" % ("no goal", program, worst, size_label(size))

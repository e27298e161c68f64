"""Tidepool's figures beside its goals."""

import statistics

import field
from kinds import size_label
from programs import PROGRAMS, SIZES
from tables import number, spread


def ratio_goal(results, text, program, row, other, key, limit, strict):
    """Return one goal on tidepool's figure over another's: text, whether it is met, the limit, the figures."""
    operator = "<" if strict else "<="
    ratios = other and results.ratios(program, row, field.TIDEPOOL, other, key)
    goal = {"goal": "%s %s %.2f" % (text, operator, limit), "met": None, "measured": None}
    if not ratios:
        return goal
    middle, low, high = ratios
    goal["met"] = middle < limit if strict else middle <= limit
    goal["measured"] = "%.2f (%.2f..%.2f): %s to %s's %s%s" % (
        middle, low, high, number(results.median(program, row, field.TIDEPOOL, key)), other,
        number(results.median(program, row, other, key)),
        ", its rounds on both sides of the goal" if low < limit < high else "")
    return goal


def figure_goal(results, text, program, row, key, limit, unit, strict=True):
    """Return one goal on tidepool's figure itself: `text` ends with the limit."""
    values = results.values(program, row, field.TIDEPOOL, key).values()
    goal = {"goal": text, "met": None, "measured": None}
    if values:
        middle = statistics.median(values)
        goal["met"] = middle < limit if strict else middle <= limit
        goal["measured"] = "%s %s (%s)" % (number(middle), unit, spread(values))
    return goal


def suite_goals(results):
    """Return the goals on the suite and the real programs together: means to jemalloc, and each row to the best."""
    rows = [(name, row) for name in ("suite", "real") for row in results.rows(name)]
    found = []
    for key, text, limit in (("seconds", "time", 0.70), ("peak_mib", "peak memory", 0.80)):
        mean, count = results.mean_of(rows, field.TIDEPOOL, field.JEMALLOC, key)
        found.append({"goal": "suite and real programs, %s / jemalloc <= %.2f" % (text, limit),
                      "met": mean and mean <= limit, "measured": mean and "%.2f over %d rows" % (mean, count)})
    for name, row in rows:
        found.append(ratio_goal(results, "%s / best of the others" % row, name, row,
                                results.best_other(name, row, "seconds", field.TIDEPOOL), "seconds", 1.10, False))
    return found


def goals(results):
    """Return the goals as dicts of goal, met (None: not measured) and measured."""
    found = []
    for size, limit, strict in ((64, 1.0, False), (4096, 0.75, True), (32768, 0.75, True)):
        found.append(ratio_goal(results, "pair %s / best peer" % size_label(size), "pair", size,
                                results.best_peer("pair", size, "ns"), "ns", limit, strict))
    for size in SIZES:
        found.append(ratio_goal(results, "pair %s / null" % size_label(size), "pair", size,
                                field.NULL, "ns", 1.25, False))
    found.append(ratio_goal(results, "heap growth / mimalloc", "heap", None, field.MIMALLOC, "seconds", 1.0, False))
    found.append(figure_goal(results, "/bin/true, added < 500 us", "startup", None, "added_us", 500, "us"))
    found.append(figure_goal(results, "/bin/true, added < 1 MiB", "startup", None, "added_memory_mib", 1, "MiB"))
    found += suite_goals(results)
    cases = {program.name: program.rows for program in PROGRAMS}
    for size in cases["idle"]:
        found.append(figure_goal(results, "idle, %s: after 2 s <= 5 MiB" % size.split(" (")[0].split(",")[0], "idle",
                                 size, "after2_over_mib", 5, "MiB", strict=False))
    for size in cases["crowd"][:2]:
        label = "crowd %s" % size.split(":")[0]
        if size == cases["crowd"][1]:  # what is alive at once in the other one is more than that
            found.append(figure_goal(results, label + ": peak <= 60 MiB", "crowd", size, "peak_mib", 60, "MiB",
                                     strict=False))
        found.append(figure_goal(results, label + ": after 2 s <= 24 MiB", "crowd", size, "after2_mib", 24, "MiB",
                                 strict=False))
        found.append(ratio_goal(results, label + " / best peer", "crowd", size,
                                results.best_peer("crowd", size, "seconds"), "seconds", 1.0, False))
    for size in cases["pause"]:
        if not size.endswith("no turn"):
            found.append(figure_goal(results, "%s: p99 < 50 us" % size, "pause", size, "p99_ns", 50000, "ns"))
    return found


def goal_lines(results, note):
    yield ""
    yield "tidepool vs goals%s" % (" (%s)" % note if note else "")
    yield "  a ratio is the median over rounds (lowest..highest); the best peer has the lowest median of %s" % (
        ", ".join(field.PEERS))
    unmeasured = 0
    for goal in goals(results):
        if goal["met"] is None:
            unmeasured += 1
            continue
        verdict = "met" if goal["met"] else "NOT MET"
        yield "  %-13s %-45s %s" % (verdict, goal["goal"], goal["measured"])
    if unmeasured:
        yield "  %-13s %d of the goals, by this run" % ("not measured", unmeasured)
    for program in ("batch", "mixed", "pass"):
        ratios = {size: results.ratios(program, size, field.TIDEPOOL, field.NULL, "ns") for size in SIZES}
        worst, size = max(((found[0], size) for size, found in ratios.items() if found), default=(None, None))
        if worst:
            yield "  %-13s %s / null, its worst row: %.2f at %s" % ("no goal", program, worst, size_label(size))

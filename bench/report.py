"""The report: a table for each program, and Tidepool's figures beside its goals.

A figure is a median over the rounds. A ratio is the median over the rounds of the ratio within a round, as
the two were then measured seconds apart; it may differ a little from the quotient of the two medians shown.
"""

import statistics

import field
from measure import PROGRAMS, SIZES, CasesProgram

COLUMN = 14
LABEL = 9


class Results:
    """The figures of every run: by row (program, size), allocator and round. Rounds without a result are left out."""

    def __init__(self):
        self.runs = []
        self._cells = {}

    def add(self, program, size, allocator, round_number, position, figures):
        self.runs.append({"program": program.name, "size": size, "allocator": allocator.name,
                          "round": round_number, "position": position, **figures})
        self._cells.setdefault((program.name, size, allocator.name), {})[round_number] = figures

    def values(self, program, size, name, key):
        """Return {round: figure}."""
        cells = self._cells.get((program, size, name), {})
        return {when: figures[key] for when, figures in cells.items() if key in figures}

    def median(self, program, size, name, key):
        values = self.values(program, size, name, key)
        return statistics.median(values.values()) if values else None

    def ratios(self, program, size, name, other, key):
        """Return (median, lowest, highest) of name's figure over other's in the same round, or None."""
        above, below = self.values(program, size, name, key), self.values(program, size, other, key)
        quotients = [above[when] / below[when] for when in above if below.get(when)]
        return (statistics.median(quotients), min(quotients), max(quotients)) if quotients else None

    def best_peer(self, program, size, key):
        """Return the name of the peer with the lowest median, or None."""
        medians = [(self.median(program, size, name, key), name) for name in field.PEERS]
        return min((pair for pair in medians if pair[0] is not None), default=(None, None))[1]


def size_label(size):
    if size is None or isinstance(size, str):
        return size or ""
    return "%d KiB" % (size // 1024) if size >= 1024 else "%d B" % size


def number(value):
    """Three significant digits or so, never in powers of ten."""
    if value is None:
        return "-"
    magnitude = abs(value)
    return "%.*f" % (0 if magnitude >= 100 else 1 if magnitude >= 10 else 2 if magnitude >= 1 else 3, value)


def spread(values):
    return "%s..%s" % (number(min(values)), number(max(values))) if values else ""


def line(label, cells, label_width=LABEL):
    return ("  " + label.ljust(label_width) + "".join(" " + cell.rjust(COLUMN - 1) for cell in cells)).rstrip()


def figure_rows(results, program, key, names):
    """Yield two lines a row: the medians, and under them the lowest and highest of the rounds."""
    for size in program.sizes:
        yield line(size_label(size), [number(results.median(program.name, size, name, key)) for name in names])
        yield line("", [spread(list(results.values(program.name, size, name, key).values())) for name in names])


def ratio_rows(results, program, names):
    """Yield the heading and the rows of the program's ratios; to the best peer where the reference is missing."""
    reference = {"null": field.NULL, "glibc": field.GLIBC}.get(program.relative)
    if reference not in names:
        reference = None
    against = reference or "the best peer"
    extra = []
    if program.relative != "glibc":
        extra = ["best peer"] + (["tidepool/best"] if field.TIDEPOOL in names else [])
    yield "  ratio to %s, same round (1.00 = as long as %s)" % (against, against)
    yield line("", names + extra)
    for size in program.sizes:
        best = results.best_peer(program.name, size, program.key)

        def cell(name, other):
            ratios = results.ratios(program.name, size, name, other, program.key)
            return "%.2f" % ratios[0] if ratios else "-"

        cells = [cell(name, reference or best) for name in names]
        if extra:
            cells += [best or "-", cell(field.TIDEPOOL, best)][:len(extra)]
        yield line(size_label(size), cells)


def case_lines(results, program, names):
    """Yield a table for every case: figures down, allocators across. Of one allocator alone: cases down, one table."""
    yield ""
    yield program.title
    yield "  %s: median over the rounds, lowest..highest under it" % program.unit

    def rows(label, cells, label_width):
        cells = [results.values(program.name, size, name, key) for size, name, key in cells]
        yield line(label, [number(statistics.median(cell.values()) if cell else None) for cell in cells], label_width)
        yield line("", [spread(list(cell.values())) for cell in cells], label_width)

    if program.only:
        width = 2 + max(len(size) for size in program.sizes)
        yield line(program.only, [label for _, label in program.figures], width)
        for size in program.sizes:
            yield from rows(size, [(size, program.only, key) for key, _ in program.figures], width)
        return
    for size in program.sizes:
        yield "  " + size
        yield line("", names)
        for key, label in program.figures:
            yield from rows(label, [(size, name, key) for name in names], LABEL)


def program_lines(results, program, names):
    if not program.with_null:
        names = [name for name in names if name != field.NULL]
    if isinstance(program, CasesProgram):
        yield from case_lines(results, program, names)
        return
    yield ""
    yield program.title
    yield "  %s: median over the rounds, lowest..highest under it" % program.unit
    yield line("", names)
    yield from figure_rows(results, program, program.key, names)
    yield from ratio_rows(results, program, names)
    for key, unit in program.extras:
        yield "  %s" % unit
        for size in program.sizes:
            yield line(size_label(size), [number(results.median(program.name, size, name, key)) for name in names])


def ratio_goal(results, text, program, size, other, key, limit, strict):
    """Return one goal on tidepool's figure over another's: text, whether it is met, the limit, the figures."""
    operator = "<" if strict else "<="
    ratios = other and results.ratios(program, size, field.TIDEPOOL, other, key)
    goal = {"goal": "%s %s %.2f" % (text, operator, limit), "met": None, "measured": None}
    if not ratios:
        return goal
    middle, low, high = ratios
    goal["met"] = middle < limit if strict else middle <= limit
    goal["measured"] = "%.2f (%.2f..%.2f): %s to %s's %s%s" % (
        middle, low, high, number(results.median(program, size, field.TIDEPOOL, key)), other,
        number(results.median(program, size, other, key)),
        ", its rounds on both sides of the goal" if low < limit < high else "")
    return goal


def figure_goal(results, text, program, size, key, limit, unit, strict=True):
    """Return one goal on tidepool's figure itself: `text` ends with the limit."""
    values = results.values(program, size, field.TIDEPOOL, key).values()
    goal = {"goal": text, "met": None, "measured": None}
    if values:
        middle = statistics.median(values)
        goal["met"] = middle < limit if strict else middle <= limit
        goal["measured"] = "%s %s (%s)" % (number(middle), unit, spread(values))
    return goal


def goals(results):
    """Return the goals as dicts of goal, met (None: not measured) and measured."""
    found = []
    for size, limit, strict in ((64, 1.0, False), (4096, 0.75, True), (32768, 0.75, True)):
        found.append(ratio_goal(results, "pair %s / best peer" % size_label(size), "pair", size,
                                results.best_peer("pair", size, "ns"), "ns", limit, strict))
    for size in SIZES:
        found.append(ratio_goal(results, "pair %s / null" % size_label(size), "pair", size,
                                field.NULL, "ns", 1.4, True))
    found.append(ratio_goal(results, "heap growth / mimalloc", "heap", None, field.MIMALLOC, "seconds", 1.0, False))
    found.append(figure_goal(results, "/bin/true, added < 1000 us", "startup", None, "added_us", 1000, "us"))
    cases = {program.name: program.sizes for program in PROGRAMS}
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

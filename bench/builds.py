"""Builds of the library beside each other: every row's ratio to the first build, and the geometric means.

A ratio is taken within a round, in which both builds ran one right after the other. The median of the rounds is shown.
"""

import field
import programs
from results import geometric_mean

FIGURES = (("time", "time"), ("cpu_s", "CPU time"), ("peak_mib", "peak memory"))
TIMES = ("ns", "us", "seconds", "p50_ns")
SUITES = ("suite", "real", "scaling")  # their work is fixed, so that their CPU time tells something
COLUMN = 21


def parse(text):
    """Return the Allocator of a NAME=PATH argument; raise ValueError with what is wrong with it."""
    build = field.parse_extra(text)
    build.is_tidepool = True
    return build


def key_of(program, figure):
    """Return the key of a figure in a program's runs, or None if the program does not measure it."""
    if figure == "time":
        return program.key if program.key in TIMES else None
    if figure == "cpu_s" and program.name not in SUITES:
        return None
    if figure == "peak_mib" and program.name == "startup":  # the program's own peak is without the library
        return "added_memory_mib"
    return figure


def lines(results):
    """Yield a table for each build but the first; nothing if the run compared no builds."""
    first, *others = results.about.get("builds") or [None]
    measured = [programs.by_name(name) for name in results.about["programs"] if programs.by_name(name)]
    rows = [(program, row) for program in measured for row in results.rows(program.name)]
    width = max((len(program.label(row)) for program, row in rows), default=0) + 2
    for other in others:
        yield ""
        yield "%s / %s: median of the rounds' ratios (lowest..highest), less than 1 is better for %s" % (
            other, first, other)
        yield table_line("", [title for _, title in FIGURES], width)
        ratios = {}
        for program, row in rows:
            for figure, _ in FIGURES:
                key = key_of(program, figure)
                ratios[program.name, row, figure] = key and results.ratios(program.name, row, other, first, key)
            yield table_line(program.label(row), [spread(ratios[program.name, row, figure]) for figure, _ in FIGURES],
                             width)
        yield "  geometric means, and of how many rows"
        for program in measured:
            yield table_line(program.name, [mean_of(ratios, figure, program.name) for figure, _ in FIGURES], width)
        yield table_line("all", [mean_of(ratios, figure) for figure, _ in FIGURES], width)


def mean_of(ratios, figure, program=None):
    """Return the geometric mean of a figure's ratios, over the rows of a program or over all."""
    mean, count = geometric_mean([found for (name, _, key), found in ratios.items()
                                  if key == figure and program in (None, name)])
    return "%.3f of %d" % (mean, count) if count else "-"


def spread(ratios):
    return "%.3f (%.2f..%.2f)" % ratios if ratios else "-"


def table_line(label, cells, width):
    return ("  " + label.ljust(width) + "".join(cell.rjust(COLUMN) for cell in cells)).rstrip()

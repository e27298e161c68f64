"""Builds of the library beside each other: every row's ratio to the first build, and the geometric means.

A ratio is taken within a round, in which both builds ran one right after the other. The median of the rounds is shown.
"""

from collections.abc import Iterator, Mapping, Sequence

from harness.figures.numbers import Ratios
from harness.figures.results import Results, Row, geometric_mean
from harness.programs import table
from harness.programs.kinds import Program

FIGURES = (("time", "time"), ("cpu_s", "CPU time"), ("peak_mib", "peak memory"))
TIMES = ("ns", "us", "seconds", "p50_ns")
FIXED_WORK = ("suite", "real", "scaling")  # the programs whose CPU time tells something
COLUMN = 21


def key_of(program: Program, figure: str) -> str | None:
    """Return the key of a figure in a program's runs, or None if the program does not measure it."""
    if figure == "time":
        return program.key if program.key in TIMES else None
    if figure == "cpu_s" and program.name not in FIXED_WORK:
        return None
    if figure == "peak_mib" and program.name == "startup":  # the program's own peak is without the library
        return "added_memory_mib"
    return figure


def lines(results: Results) -> Iterator[str]:
    """Yield a table for each build but the first; nothing if the run compared no builds."""
    first, *others = results.about.get("builds") or [""]
    known = [table.by_name(name) for name in results.about["programs"]]
    programs = [program for program in known if program and results.rows(program.name)]
    rows = [(program, row) for program in programs for row in results.rows(program.name)]
    width = max((len(program.label(row)) for program, row in rows), default=0) + 2
    for other in others:
        yield ""
        yield "%s / %s: median of the rounds' ratios (lowest..highest), less than 1 is better for %s" % (
            other, first, other)
        yield line("", [title for _, title in FIGURES], width)
        found = {(program.name, row, figure): ratios_of(results, program, row, other, first, figure)
                 for program, row in rows for figure, _ in FIGURES}
        for program, row in rows:
            yield line(program.label(row), [cell(found[program.name, row, figure]) for figure, _ in FIGURES], width)
        yield "  geometric means, and of how many rows"
        for program in programs:
            yield line(program.name, [mean_of(found, figure, program.name) for figure, _ in FIGURES], width)
        yield line("all", [mean_of(found, figure) for figure, _ in FIGURES], width)


def ratios_of(results: Results, program: Program, row: Row, name: str, other: str, figure: str) -> Ratios | None:
    """Return the ratios of a figure in a row, or None if the program does not measure it."""
    key = key_of(program, figure)
    return results.ratios(program.name, row, name, other, key) if key else None


def mean_of(found: Mapping[tuple[str, Row, str], Ratios | None], figure: str, program: str | None = None) -> str:
    """Return the geometric mean of a figure's ratios as a cell, over the rows of a program or over all."""
    mean, count = geometric_mean(ratios for (name, _, key), ratios in found.items()
                                 if key == figure and program in (None, name))
    return "%.3f of %d" % (mean, count) if mean else "-"


def cell(ratios: Ratios | None) -> str:
    return "%.3f (%.2f..%.2f)" % ratios if ratios else "-"


def line(label: str, cells: Sequence[str], width: int) -> str:
    return ("  " + label.ljust(width) + "".join(text.rjust(COLUMN) for text in cells)).rstrip()

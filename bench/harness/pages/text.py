"""The tables of the report: one a program, as lines of text."""

import statistics
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from harness.field.allocators import NULL, TIDEPOOL
from harness.field.peers import GLIBC, JEMALLOC
from harness.figures.numbers import middle, number, quotient, spread
from harness.figures.results import Results, Row
from harness.programs import guides
from harness.programs.kinds import CasesProgram, Program
from harness.programs.suites import SuiteProgram

COLUMN = 14
LABEL = 9


def line(label: str, cells: Sequence[str], label_width: int = LABEL) -> str:
    return ("  " + label.ljust(label_width) + "".join(" " + cell.rjust(COLUMN - 1) for cell in cells)).rstrip()


def figure_rows(label: str, cells: Sequence[Collection[float]], label_width: int = LABEL) -> Iterator[str]:
    """Yield two lines: the medians, and under them the lowest and highest. cells: the rounds' figures, one a column."""
    yield line(label, [number(statistics.median(cell) if cell else None) for cell in cells], label_width)
    yield line("", [spread(cell) for cell in cells], label_width)


def all_rounds(results: Results, program: Program, row: Row, names: Sequence[str], key: str) -> list[Collection[float]]:
    """Return the figures of a row, those of an allocator each."""
    return [results.values(program.name, row, name, key).values() for name in names]


def medians(results: Results, program: Program, row: Row, names: Sequence[str], key: str) -> list[str]:
    """Return the medians of a row as cells, an allocator each."""
    return [number(results.median(program.name, row, name, key)) for name in names]


def size_lines(results: Results, program: Program, rows: Sequence[Any], names: Sequence[str]) -> Iterator[str]:
    """Yield the figures and the ratios of a program with a row for each size."""
    yield line("", names)
    for row in rows:
        yield from figure_rows(program.row_label(row), all_rounds(results, program, row, names, program.key))
    yield from ratio_lines(results, program, rows, names)
    for key, unit in program.extras:
        yield "  %s" % unit
        for row in rows:
            yield line(program.row_label(row), medians(results, program, row, names, key))


def ratio_lines(results: Results, program: Program, rows: Sequence[Any], names: Sequence[str]) -> Iterator[str]:
    """Yield the heading and the rows of the program's ratios; to the best peer if the reference is missing."""
    reference = {"null": NULL, "glibc": GLIBC}.get(program.relative or "")
    if reference not in names:
        reference = None
    against = reference or "the best peer"
    extra: list[str] = []
    if program.relative != "glibc":
        extra = ["best peer"] + (["tidepool/best"] if TIDEPOOL in names else [])
    yield "  ratio to %s, same round (1.00 = as long as %s)" % (against, against)
    yield line("", [*names, *extra])
    for row in rows:
        best = results.best_peer(program.name, row, program.key)
        ratios = [results.ratios(program.name, row, name, reference or best, program.key) for name in names]
        cells = [quotient(middle(one)) for one in ratios]
        to_best = quotient(middle(results.ratios(program.name, row, TIDEPOOL, best, program.key)))
        yield line(program.row_label(row), cells + [best or "-", to_best][:len(extra)])


def case_lines(results: Results, program: CasesProgram, rows: Sequence[Any], names: Sequence[str]) -> Iterator[str]:
    """Yield a table for every case: figures down, allocators across. Of one allocator alone: cases down, one table."""
    if program.tidepool_only and len(names) == 1:
        width = 2 + max(len(row) for row in rows)
        yield line(names[0], [label for _, label in program.figures], width)
        for row in rows:
            yield from figure_rows(row, [results.values(program.name, row, names[0], key).values()
                                         for key, _ in program.figures], width)
        return
    for row in rows:
        yield "  " + row
        yield line("", names)
        for key, label in program.figures:
            yield from figure_rows(label, all_rounds(results, program, row, names, key))


def suite_lines(results: Results, program: SuiteProgram, rows: Sequence[Any], names: Sequence[str]) -> Iterator[str]:
    """Yield a table for each figure, rows down and allocators across, with ratios and their geometric means."""
    width = max(len(program.row_label(row)) for row in rows) + 1
    reference = JEMALLOC if JEMALLOC in names else names[0]
    places = [(program.name, row) for row in rows]
    for key, title in program.figures:
        if (key, title) != program.figures[0]:
            yield ""
        yield "  " + title
        yield line("", names, width)
        for row in rows:
            yield from figure_rows(program.row_label(row), all_rounds(results, program, row, names, key), width)
        yield "  ratio to %s, same round" % reference
        for row in rows:
            ratios = [results.ratios(program.name, row, name, reference, key) for name in names]
            yield line(program.row_label(row), [quotient(middle(one)) for one in ratios], width)
        means = [results.mean(places, name, key, reference) for name in names]
        yield "  geometric mean over the rows (under it, of how many where not of all)"
        yield line("/" + reference, [quotient(mean) for mean, _ in means], width)
        bests = [results.mean(places, name, key, None) for name in names]
        yield line("/best", [quotient(mean) for mean, _ in bests], width)
        if any(count < len(rows) for _, count in means):
            yield line("", ["of %d" % count for _, count in means], width)


def guide_lines(results: Results, program: Program, rows: Sequence[Any], names: Sequence[str]) -> Iterator[str]:
    """Yield the times of the guides, and what an operation asks for and costs the backend."""
    width = max(len(row) for row in rows) + 1
    timed = [name for name in names if name != guides.COUNT]
    yield "  ns per operation"
    yield line("", timed, width)
    for row in rows:
        yield from figure_rows(row, all_rounds(results, program, row, timed, "ns"), width)
    asking = [name for name in (guides.GO, guides.GO_POOL, guides.COUNT, TIDEPOOL) if name in names]
    labels = [GLIBC if name == guides.COUNT else name for name in asking]
    for key, title in (("bytes_per_op", "bytes asked for per operation, rounded up to size classes"),
                       ("requests_per_op", "requests per operation")):
        yield "  " + title
        yield line("", labels, width)
        for row in rows:
            yield line(row, medians(results, program, row, asking, key), width)
    if TIDEPOOL in names:
        yield "  calls per operation that got past the pools: new objects, slabs, requests not pooled"
        yield line("", [TIDEPOOL], width)
        for row in rows:
            value = results.median(program.name, row, TIDEPOOL, "backend_per_op")
            yield line(row, ["-" if value is None else "%.6f" % value], width)


def program_lines(results: Results, program: Program) -> Iterator[str]:
    """Yield the whole section of one program; nothing if it has no figures."""
    rows, names = results.rows(program.name), results.names(program.name)
    if not rows:
        return
    yield ""
    yield program.title
    yield "  %s: median over the rounds, lowest..highest under it" % program.unit
    if isinstance(program, guides.GuidesProgram):
        yield from guide_lines(results, program, rows, names)
    elif isinstance(program, SuiteProgram):
        yield from suite_lines(results, program, rows, names)
    elif isinstance(program, CasesProgram):
        yield from case_lines(results, program, rows, names)
    else:
        yield from size_lines(results, program, rows, names)

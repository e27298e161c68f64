"""The tables of the report: one a program, as lines of text."""

import statistics

import field
import guides
from kinds import CasesProgram, SuiteProgram

COLUMN = 14
LABEL = 9


def number(value):
    """Three significant digits or so, never in powers of ten."""
    if value is None:
        return "-"
    magnitude = abs(value)
    return "%.*f" % (0 if magnitude >= 100 else 1 if magnitude >= 10 else 2 if magnitude >= 1 else 3, value)


def quotient(ratios):
    """Two decimals, of results.ratios() or of one number."""
    value = ratios[0] if isinstance(ratios, tuple) else ratios
    return "-" if value is None else "%.2f" % value


def spread(values):
    return "%s..%s" % (number(min(values)), number(max(values))) if values else ""


def line(label, cells, label_width=LABEL):
    return ("  " + label.ljust(label_width) + "".join(" " + cell.rjust(COLUMN - 1) for cell in cells)).rstrip()


def figure_rows(label, cells, label_width=LABEL):
    """Yield two lines: the medians, and under them the lowest and highest. cells: figures by round, one a column."""
    yield line(label, [number(statistics.median(cell.values()) if cell else None) for cell in cells], label_width)
    yield line("", [spread(list(cell.values())) for cell in cells], label_width)


def size_lines(results, program, rows, names):
    """Yield the figures and the ratios of a program with a row for each size."""
    yield line("", names)
    for row in rows:
        yield from figure_rows(program.row_label(row),
                               [results.values(program.name, row, name, program.key) for name in names])
    yield from ratio_lines(results, program, rows, names)
    for key, unit in program.extras:
        yield "  %s" % unit
        for row in rows:
            yield line(program.row_label(row),
                       [number(results.median(program.name, row, name, key)) for name in names])


def ratio_lines(results, program, rows, names):
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
    for row in rows:
        best = results.best_peer(program.name, row, program.key)

        def cell(name, other):
            return quotient(other and results.ratios(program.name, row, name, other, program.key))

        cells = [cell(name, reference or best) for name in names]
        if extra:
            cells += [best or "-", cell(field.TIDEPOOL, best)][:len(extra)]
        yield line(program.row_label(row), cells)


def case_lines(results, program, rows, names):
    """Yield a table for every case: figures down, allocators across. Of one allocator alone: cases down, one table."""
    if names == [program.only]:
        width = 2 + max(len(row) for row in rows)
        yield line(program.only, [label for _, label in program.figures], width)
        for row in rows:
            yield from figure_rows(row, [results.values(program.name, row, program.only, key)
                                         for key, _ in program.figures], width)
        return
    for row in rows:
        yield "  " + row
        yield line("", names)
        for key, label in program.figures:
            yield from figure_rows(label, [results.values(program.name, row, name, key) for name in names])


def suite_lines(results, program, rows, names):
    """Yield a table for each figure, rows down and allocators across, with ratios and their geometric means."""
    width = max(len(program.row_label(row)) for row in rows) + 1
    reference = field.JEMALLOC if field.JEMALLOC in names else names[0]
    for key, title in program.figures:
        if (key, title) != program.figures[0]:
            yield ""
        yield "  " + title
        yield line("", names, width)
        for row in rows:
            yield from figure_rows(program.row_label(row),
                                   [results.values(program.name, row, name, key) for name in names], width)
        yield "  ratio to %s, same round" % reference
        for row in rows:
            yield line(program.row_label(row), [
                quotient(results.ratios(program.name, row, name, reference, key)) for name in names], width)
        means = [results.geometric_mean(program.name, rows, name, reference, key) for name in names]
        yield "  geometric mean over the rows (under it, of how many where not of all)"
        yield line("/" + reference, [quotient(mean) for mean, _ in means], width)
        bests = [results.geometric_mean(program.name, rows, name, lambda row, name=name: results.best_other(
            program.name, row, key, name), key) for name in names]
        yield line("/best", [quotient(mean) for mean, _ in bests], width)
        if any(count < len(rows) for _, count in means):
            yield line("", ["of %d" % count for _, count in means], width)


def guide_lines(results, program, rows, names):
    """Yield the times of the guides, and what an operation asks for and costs the backend."""
    width = max(len(row) for row in rows) + 1
    timed = [name for name in names if name != guides.COUNT]
    yield "  ns per operation"
    yield line("", timed, width)
    for row in rows:
        yield from figure_rows(row, [results.values(program.name, row, name, "ns") for name in timed], width)
    asking = [(name, label) for name, label in ((guides.GO, "go"), (guides.GO_POOL, "go-pool"),
                                                (guides.COUNT, "glibc"), (field.TIDEPOOL, "tidepool")) if name in names]
    for key, title in (("bytes_per_op", "bytes asked for per operation, rounded up to size classes"),
                       ("requests_per_op", "requests per operation")):
        yield "  " + title
        yield line("", [label for _, label in asking], width)
        for row in rows:
            yield line(row, [number(results.median(program.name, row, name, key)) for name, _ in asking], width)
    if field.TIDEPOOL in names:
        yield "  calls per operation that got past the pools: new objects, slabs, requests not pooled"
        yield line("", [field.TIDEPOOL], width)
        for row in rows:
            value = results.median(program.name, row, field.TIDEPOOL, "backend_per_op")
            yield line(row, ["-" if value is None else "%.6f" % value], width)


def program_lines(results, program):
    """Yield the whole section of one program; nothing where it has no figures."""
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

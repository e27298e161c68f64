"""The plots of a results file. Each function draws with matplotlib's pyplot; returns the figure and the legend's axes.
"""

import statistics
from collections.abc import Sequence
from typing import Any

from harness.field.allocators import NULL, TIDEPOOL
from harness.field.peers import GLIBC, JEMALLOC, MIMALLOC
from harness.figures.numbers import size_label
from harness.figures.results import Results, Row

# matplotlib is not there on every machine that measures, nor has it types in Debian 12.
Pyplot = Any
Axes = Any
Drawn = tuple[Any, Axes]

# One colour an allocator, in every plot; those the user adds take what is left.
COLOURS = {GLIBC: "tab:gray", TIDEPOOL: "tab:blue", JEMALLOC: "tab:red", MIMALLOC: "tab:green",
           "tcmalloc": "tab:orange", "tbbmalloc": "tab:purple", NULL: "black", "go": "tab:cyan",
           "go-pool": "tab:olive"}
SPARE_COLOURS = ("tab:pink", "tab:brown", "darkkhaki", "teal")

RATIO_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
LOAD_PANELS = (("from_slab", "objects of slabs per tick"), ("victim", "victim hits per tick"),
               ("held_objects", "objects held at its end"))


COMPARED = (("wall_s", "time"), ("cpu_s", "CPU time"), ("peak_rss_bytes", "peak memory"))


def colour(name: str, names: Sequence[str]) -> str:
    others = [one for one in names if one not in COLOURS]
    return COLOURS.get(name) or SPARE_COLOURS[others.index(name) % len(SPARE_COLOURS)]


def draw_errors(axis: Axes, results: Results, program: str, rows: Sequence[Row], name: str, key: str,
                shade: str) -> None:
    """Draw an allocator's medians over numbers, with bars from the lowest to the highest round."""
    rounds = [(row, list(results.values(program, row, name, key).values())) for row in rows]
    found = [(row, statistics.median(values), values) for row, values in rounds if values]
    if found:
        axis.errorbar([row for row, _, _ in found], [middle for _, middle, _ in found],
                      yerr=[[middle - min(values) for _, middle, values in found],
                            [max(values) - middle for _, middle, values in found]],
                      marker="o", markersize=4, capsize=2, linewidth=1.2, label=name, color=shade)


def draw_sizes(results: Results, pyplot: Pyplot) -> Drawn | None:
    """ns an operation over the size, a panel for each program that has sizes."""
    programs = [name for name in ("pair", "batch", "mixed", "pass") if len(results.rows(name)) > 1]
    if not programs:
        return None
    figure, axes = pyplot.subplots(1, len(programs), figsize=(4.5 * len(programs), 4.5), squeeze=False)
    for axis, program in zip(axes[0], programs):
        names = results.names(program)
        for name in names:
            draw_errors(axis, results, program, results.rows(program), name, "ns", colour(name, names))
        axis.set(title=program, xlabel="bytes", xscale="log", yscale="log")
        axis.set_xticks(results.rows(program), [size_label(size) for size in results.rows(program)])
        axis.minorticks_off()
    axes[0][0].set_ylabel("ns per operation")
    return figure, axes[0][0]


def draw_suite(results: Results, pyplot: Pyplot) -> Drawn | None:
    """A dot for every program and allocator: time, CPU time and peak memory over jemalloc's, in the same round."""
    rows = [(program, row) for program in ("suite", "real") for row in results.rows(program)]
    names = [name for name in results.about["allocators"]
             if any(name in results.names(program) for program, _ in rows)]
    if not rows or JEMALLOC not in names:
        return None
    figure, axes = pyplot.subplots(1, 3, sharey=True, figsize=(14, 1.5 + 0.32 * len(rows)), squeeze=False)
    for axis, (key, title) in zip(axes[0], (("seconds", "wall time"), ("cpu_s", "CPU time"),
                                            ("peak_mib", "peak memory"))):
        for name in names:
            of_rows = [(place, results.ratios(program, row, name, JEMALLOC, key))
                       for place, (program, row) in enumerate(rows)]
            found = [(place, ratios) for place, ratios in of_rows if ratios]
            axis.errorbar([middle for _, (middle, _, _) in found], [place for place, _ in found],
                          xerr=[[middle - low for _, (middle, low, _) in found],
                                [high - middle for _, (middle, _, high) in found]],
                          fmt="o", markersize=5, linewidth=0.8, label=name, color=colour(name, names), alpha=0.85)
        axis.axvline(1, color="tab:red", linewidth=0.6)
        axis.set(xscale="log", xlabel="%s / jemalloc's (less is better)" % title)
        left, right = axis.get_xlim()
        axis.set_xticks([tick for tick in RATIO_TICKS if left <= tick <= right])
        axis.xaxis.set_major_formatter(lambda value, _: "%g" % value)
        axis.xaxis.set_minor_formatter(lambda _value, _: "")
    axes[0][0].set_yticks(range(len(rows)), [row for _, row in rows])
    axes[0][0].invert_yaxis()
    return figure, axes[0][2]


def draw_scaling(results: Results, pyplot: Pyplot) -> Drawn | None:
    """Throughput and peak memory over the number of threads."""
    rows, names = results.rows("scaling"), results.names("scaling")
    if not rows:
        return None
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.5), squeeze=False)
    for axis, (key, label) in zip(axes[0], (("million_per_s", "million operations per second"),
                                            ("peak_mib", "peak resident MiB"))):
        for name in names:
            draw_errors(axis, results, "scaling", rows, name, key, colour(name, names))
        axis.set_xscale("log", base=2)
        axis.set(xlabel="threads (%d CPUs)" % results.about["cpus"], ylabel=label)
        axis.set_xticks(rows, [str(row) for row in rows])
        axis.set_ylim(bottom=0)
    return figure, axes[0][0]


def draw_guides(results: Results, pyplot: Pyplot) -> Drawn | None:
    """Bars: ns an operation, a group for each of the guides' operations."""
    rows = results.rows("guides")
    names = [name for name in results.names("guides") if results.values("guides", rows[0], name, "ns")] if rows else []
    names = [name for name in names if name != "count"]
    if not names:
        return None
    figure, axis = pyplot.subplots(figsize=(12, 4.5))
    for number, name in enumerate(names):
        medians = [results.median("guides", row, name, "ns") or 0 for row in rows]
        axis.bar([place + (number - (len(names) - 1) / 2) * 0.8 / len(names) for place in range(len(rows))], medians,
                 width=0.8 / len(names), label=name, color=colour(name, names))
    axis.set_xticks(range(len(rows)), rows)
    axis.set(yscale="log", ylabel="ns per operation")
    return figure, axis


def draw_loads(data: dict[str, Any], pyplot: Pyplot) -> Drawn:
    """Loads across and figures down, the two modes in each."""
    loads = list(dict.fromkeys(run["load"] for run in data["runs"]))
    figure, axes = pyplot.subplots(len(LOAD_PANELS), len(loads), sharex=True, sharey="row", figsize=(11, 7))
    for column, load in enumerate(loads):
        for row, (key, label) in enumerate(LOAD_PANELS):
            axis = axes[row][column]
            for run in data["runs"]:
                if run["load"] == load:
                    style = "o-" if run["victims"] == "with" else "s--"
                    axis.plot([tick["tick"] for tick in run["ticks"]], [tick[key] for tick in run["ticks"]], style,
                              markersize=4, label=run["victims"] + " victims")
            axis.set_ylim(bottom=0)
            if row == 0:
                axis.set_title(load)
            if column == 0:
                axis.set_ylabel(label)
        axes[-1][column].set_xlabel("tick (%g s)" % (data["tick_ms"] / 1000))
    return figure, axes[0][0]


def draw_compare(data: dict[str, Any], pyplot: Pyplot) -> Drawn:
    """Dots: each run of each program in each column, over the median of the bare ones."""
    programs = data["programs"]
    figure, axes = pyplot.subplots(len(programs), len(COMPARED), sharex="col", figsize=(12, 1 + 1.5 * len(programs)),
                                   squeeze=False)
    for row, program in zip(axes, programs):
        columns = program["columns"]
        for axis, (key, label) in zip(row, COMPARED):
            bare = statistics.median(columns["bare"][key])
            for place, (name, figures) in enumerate(columns.items()):
                values = [value / bare for value in figures[key]]
                axis.plot(values, [place] * len(values), "o", markersize=4, alpha=0.5,
                          color="tab:blue" if name == "pooled" else "tab:gray")
                axis.plot(statistics.median(values), place, "|", markersize=14, color="black",
                          label="median" if place == 0 else None)
            axis.axvline(1, color="tab:red", linewidth=0.6)
            axis.set_yticks(range(len(columns)), columns if key == COMPARED[0][0] else [])
            axis.invert_yaxis()
            axis.set_title("%s: %s" % (program["name"], label), fontsize=9)
    for axis, (_, label) in zip(axes[-1], COMPARED):
        axis.set_xlabel("%s / bare (less is better)" % label)
    return figure, axes[0][0]


PLOTS = {"sizes": draw_sizes, "suite": draw_suite, "scaling": draw_scaling, "guides": draw_guides}

"""Plots of a results file, as SVG beside it: needs matplotlib, and nothing but the file.

Run as a program by draw_elsewhere(), with an interpreter that has matplotlib: plot.py FILE.json
"""

import json
import os
import statistics
import subprocess
import sys

import field
import results as results_file
from kinds import size_label

PLOTTER = "/usr/bin/python3"  # the interpreter that Debian's python3-matplotlib is for

# One colour an allocator, in every plot; those the user adds take what is left.
COLOURS = {field.GLIBC: "tab:gray", field.TIDEPOOL: "tab:blue", field.JEMALLOC: "tab:red", field.MIMALLOC: "tab:green",
           "tcmalloc": "tab:orange", "tbbmalloc": "tab:purple", field.NULL: "black", "go": "tab:cyan",
           "go-pool": "tab:olive"}
SPARE_COLOURS = ("tab:pink", "tab:brown", "darkkhaki", "teal")

RATIO_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
TURN_PANELS = (("from_slab", "gets from slabs per tick"), ("victim", "victim hits per tick"),
               ("held_objects", "objects held at its end"))


COMPARED = (("wall_s", "time"), ("cpu_s", "CPU time"), ("peak_rss_bytes", "peak memory"))


def written_by(path):
    """Return which program wrote a results file: "turns", "compare", "tune" or "run"."""
    with open(path) as file:
        data = json.load(file)
    command = data.get("command") if isinstance(data, dict) else None
    return "turns" if "tick_ms" in data else command if command in ("compare", "tune") else "run"


def draw_elsewhere(path):
    """Draw the plots of a file with Debian's Python; return the exit status. Without matplotlib: a note, and 0."""
    if not os.access(PLOTTER, os.X_OK) or subprocess.run(
            [PLOTTER, "-c", "import matplotlib"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("\nno plot: %s has no matplotlib (Debian: python3-matplotlib)" % PLOTTER)
        return 0
    return subprocess.run([PLOTTER, os.path.abspath(__file__), path], check=False).returncode


def colour(name, names):
    others = [one for one in names if one not in COLOURS]
    return COLOURS.get(name) or SPARE_COLOURS[others.index(name) % len(SPARE_COLOURS)]


def draw_errors(axis, results, program, rows, name, key, **style):
    """Draw an allocator's medians over numbers, with bars from the lowest to the highest round."""
    found = [(row, list(results.values(program, row, name, key).values())) for row in rows]
    found = [(row, results.median(program, row, name, key), values) for row, values in found if values]
    if found:
        axis.errorbar([row for row, _, _ in found], [middle for _, middle, _ in found],
                      yerr=[[middle - min(values) for _, middle, values in found],
                            [max(values) - middle for _, middle, values in found]],
                      marker="o", markersize=4, capsize=2, linewidth=1.2, label=name, **style)


def draw_sizes(results, pyplot):
    """ns an operation over the size, a panel for each program that has sizes."""
    programs = [name for name in ("pair", "batch", "mixed", "pass") if len(results.rows(name)) > 1]
    if not programs:
        return None
    figure, axes = pyplot.subplots(1, len(programs), figsize=(4.5 * len(programs), 4.5), squeeze=False)
    for axis, program in zip(axes[0], programs):
        names = results.names(program)
        for name in names:
            draw_errors(axis, results, program, results.rows(program), name, "ns", color=colour(name, names))
        axis.set(title=program, xlabel="bytes", xscale="log", yscale="log")
        axis.set_xticks(results.rows(program), [size_label(size) for size in results.rows(program)])
        axis.minorticks_off()
    axes[0][0].set_ylabel("ns per operation")
    return figure, axes[0][0]


def draw_suite(results, pyplot):
    """A dot for every program and allocator: time, CPU time and peak memory over jemalloc's, in the same round."""
    rows = [(program, row) for program in ("suite", "real") for row in results.rows(program)]
    names = [name for name in results.about["allocators"]
             if any(name in results.names(program) for program, _ in rows)]
    if not rows or field.JEMALLOC not in names:
        return None
    figure, axes = pyplot.subplots(1, 3, sharey=True, figsize=(14, 1.5 + 0.32 * len(rows)), squeeze=False)
    for axis, (key, title) in zip(axes[0], (("seconds", "wall time"), ("cpu_s", "CPU time"),
                                            ("peak_mib", "peak memory"))):
        for name in names:
            found = [(place, results.ratios(program, row, name, field.JEMALLOC, key))
                     for place, (program, row) in enumerate(rows)]
            found = [(place, ratios) for place, ratios in found if ratios]
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


def draw_scaling(results, pyplot):
    """Throughput and peak memory over the number of threads."""
    rows, names = results.rows("scaling"), results.names("scaling")
    if not rows:
        return None
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 4.5), squeeze=False)
    for axis, (key, label) in zip(axes[0], (("million_per_s", "million operations per second"),
                                            ("peak_mib", "peak resident MiB"))):
        for name in names:
            draw_errors(axis, results, "scaling", rows, name, key, color=colour(name, names))
        axis.set_xscale("log", base=2)
        axis.set(xlabel="threads (%d CPUs)" % results.about["cpus"], ylabel=label)
        axis.set_xticks(rows, [str(row) for row in rows])
        axis.set_ylim(bottom=0)
    return figure, axes[0][0]


def draw_guides(results, pyplot):
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


def draw_turns(data, pyplot):
    """Loads across and figures down, the two modes in each."""
    loads = list(dict.fromkeys(run["load"] for run in data["runs"]))
    figure, axes = pyplot.subplots(len(TURN_PANELS), len(loads), sharex=True, sharey="row", figsize=(11, 7))
    for column, load in enumerate(loads):
        for row, (key, label) in enumerate(TURN_PANELS):
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


def draw_compare(data, pyplot):
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


def main():
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "tidepool"  # the same data give the same file
    from matplotlib import pyplot

    path = sys.argv[1]
    stem = os.path.splitext(path)[0]
    kind = written_by(path)
    if kind != "run":
        draw = {"turns": draw_turns, "compare": draw_compare}.get(kind)
        with open(path) as file:
            drawn = {stem: draw(json.load(file), pyplot)} if draw else {}
    else:
        results = results_file.read(path)
        drawn = {stem if os.path.basename(stem) == kind else stem + "-" + kind: draw(results, pyplot)
                 for kind, draw in PLOTS.items()}
    for name, pair in drawn.items():
        if pair is None:
            continue
        figure, legend_axis = pair
        for axis in figure.axes:
            axis.grid(alpha=0.3)
        legend_axis.legend(fontsize=8)
        figure.tight_layout()
        figure.savefig(name + ".svg", metadata={"Date": None})
        print("plot: %s.svg" % os.path.relpath(name))


if __name__ == "__main__":
    main()

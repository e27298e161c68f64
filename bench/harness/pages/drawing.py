"""Draws the plots of a results file, as SVG beside it: needs matplotlib, and nothing but the file."""

import os
import subprocess

from harness.field import places
from harness.figures import results
from harness.pages import blocks, plots

PLOTTER = "/usr/bin/python3"  # the interpreter that Debian's python3-matplotlib is for


def draw_elsewhere(path: str) -> int:
    """Draw the plots of a file with Debian's Python; return the exit status. Without matplotlib: a note, and 0."""
    if not os.access(PLOTTER, os.X_OK) or subprocess.run(
            [PLOTTER, "-c", "import matplotlib"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("\nno plot: %s has no matplotlib (Debian: python3-matplotlib)" % PLOTTER)
        return 0
    return subprocess.run([PLOTTER, os.path.join(places.BENCH, "run"), "plot", path], check=False).returncode


def draw(path: str) -> None:
    """Draw the plots of a file."""
    import matplotlib  # pylint: disable=import-outside-toplevel  only this function needs it
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "tidepool"  # the same data give the same file
    from matplotlib import pyplot  # pylint: disable=import-outside-toplevel

    stem = os.path.splitext(path)[0]
    drawn: dict[str, plots.Drawn | None] = {}
    match blocks.written_by(path):
        case "run":
            measured = results.read(path)
            for kind, draw_kind in plots.PLOTS.items():
                drawn[stem if os.path.basename(stem) == kind else stem + "-" + kind] = draw_kind(measured, pyplot)
        case "loads":
            drawn[stem] = plots.draw_loads(blocks.read_plain(path), pyplot)
        case "compare":
            drawn[stem] = plots.draw_compare(blocks.read_plain(path), pyplot)
    for name, pair in drawn.items():
        if pair is None:
            continue
        figure, legend_axes = pair
        for axes in figure.axes:
            axes.grid(alpha=0.3)
        legend_axes.legend(fontsize=8)
        figure.tight_layout()
        figure.savefig(name + ".svg", metadata={"Date": None})
        print("plot: %s.svg" % os.path.relpath(name))

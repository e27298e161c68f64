"""`bench/run loads`: what turns cost three loads over time, as numbers and as a plot."""

import json
import os
import sys
from typing import Any

from harness.commands.arguments import Parser, integer
from harness.field import places
from harness.measuring import loads
from harness.pages.drawing import draw_elsewhere
from harness.processes.process import Failure

COLUMNS = ("tick", "objects", "from_slab", "refilled", "victim", "local", "overflow", "drained", "backend_calls",
           "held_objects")


def print_runs(runs: list[dict[str, Any]]) -> None:
    """Print a table for each load, with and without victims."""
    for run in runs:
        print("\n%s, %s victims" % (run["load"], run["victims"]))
        for cells in (dict(zip(COLUMNS, COLUMNS)), *run["ticks"]):
            print("  " + "".join(str(cells[name]).replace("_", " ").rjust(6 if name == "tick" else 14)
                                 for name in COLUMNS))


def main(words: list[str]) -> int:
    """Run the loads as the words say; return the exit status."""
    parser = Parser("bench/run loads", loads.__doc__ or "")
    parser.add_argument("--ticks", type=integer(2, 60), default=10, metavar="N",
                        help="ticks to watch, 2 to 60 (default 10)")
    parser.add_argument("--tick-ms", type=integer(100, 60000), default=1000, metavar="MS",
                        help="length of a tick, 100 to 60000 (default 1000)")
    parser.add_build()
    parser.add_argument("--out", metavar="FOLDER", default=places.RESULTS,
                        help="where loads.json and loads.svg go (default bench/results)")
    parser.add_argument("--move", action="store_true", help="do not bind the loads: let them move over the CPUs")
    options = parser.parse_args(words)
    for needed in (places.library(options.build), places.program(options.build, loads.PROGRAM)):
        if not os.path.exists(needed):
            parser.error("no %s; build it with 'make all bench-build'" % needed)
    try:
        runs = loads.measure(loads.Plan(options.build, options.ticks, options.tick_ms, options.move))
    except Failure as failure:
        sys.stderr.write("bench/run loads: %s\n" % failure)
        return 1
    print_runs(runs)
    os.makedirs(options.out, exist_ok=True)
    path = os.path.join(options.out, "loads.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"tick_ms": options.tick_ms, "runs": runs}, file, indent=1)
        file.write("\n")
    return draw_elsewhere(path)

#!/usr/bin/env python3
"""Print the tables of a results file and draw its plots, from that file alone.

The plots go beside the file, as FILE-sizes.svg, FILE-suite.svg and so on, where there is matplotlib (Debian's
python3-matplotlib).
"""

import argparse
import sys

import builds
import goals
import plot
import programs
import readme
import results as results_file
import tables


def lines(results):
    """Yield the whole report."""
    about = results.about
    yield "%d round%s, %d CPUs, load %.1f at the start%s" % (
        about["rounds"], "s" if about["rounds"] > 1 else "", about["cpus"], about["load"],
        " (others are running: expect wide spreads)" if about["load"] > 0.5 else "")
    for variable in about["environment"]:
        yield "with %s in the environment" % variable
    for name in about["programs"]:
        program = programs.by_name(name)
        if program is None:
            yield "\n%s: not a program of this version" % name
        else:
            yield from tables.program_lines(results, program)
    yield from builds.lines(results)
    if any(goal["met"] is not None for goal in goals.goals(results)):
        yield from goals.goal_lines(results, "quick run: rough figures" if about["quick"] else "")
    for note in about["missing"]:
        yield "  note: %s" % note
    for failure in about["failures"]:
        yield "  failed: %s: %s %s: %s" % (failure["allocator"], failure["program"], failure["row"] or "",
                                           failure["what"])


def main():
    parser = argparse.ArgumentParser(prog="bench/report.py", description=__doc__, allow_abbrev=False)
    parser.add_argument("file", metavar="FILE.json", help="what bench/run or one of bench/*.py wrote")
    parser.add_argument("--no-plot", action="store_true", help="the tables only")
    options = parser.parse_args()
    try:
        kind = plot.written_by(options.file)
        if kind == "run":
            print("\n".join(lines(results_file.read(options.file))))
        elif kind in readme.PLAIN:
            print("\n".join(readme.PLAIN[kind](readme.read_plain(options.file))))
    except (OSError, ValueError) as error:
        sys.stderr.write("bench/report.py: %s: %s\n" % (options.file, error))
        return 1
    return 0 if options.no_plot else plot.draw_elsewhere(options.file)


if __name__ == "__main__":
    sys.exit(main())

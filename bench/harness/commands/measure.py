"""`bench/run`: programs under allocators. Prints tables, writes every run's figures to a JSON file, and draws plots."""

import argparse
import dataclasses
import os
import sys
import time
from collections.abc import Sequence

from harness.commands import selection
from harness.commands.arguments import Parser, integer, seconds
from harness.field import allocators, machine, places
from harness.field.allocators import Allocator
from harness.figures.results import Results
from harness.measuring.rounds import Rounds
from harness.pages import drawing, goals, report
from harness.programs.effort import Effort, full, quick
from harness.programs.kinds import Program

DESCRIPTION = """\
Compare allocators with the benchmark programs of this folder.

Prints tables, writes every run's figures to a JSON file, and draws plots from that file; `bench/run report` makes both
again. Other commands, each with a --help:
  bench/run compare         four programs bare, counted, pooled and under two others, by `tidepool compare`
  bench/run tune            what `tidepool tune` finds for four programs, and what came true
  bench/run loads           what turns cost three loads over time
  bench/run page            the picture of a report
  bench/run report FILE     the tables and plots of a results file; bench/run plot FILE: the plots alone"""

EXAMPLES = """\
examples:
  make bench                                   build, then everything, 5 rounds, about half an hour
  make bench-quick                             a rough answer in under two minutes
  make bench-scaling                           one program with 1 to 64 threads: throughput and memory
  make bench-guides                            the workloads of the sync.Pool guides, in Go and in C
  make bench-turns                             memory that goes back, and pauses: 10 minutes, mostly asleep; then
                                               bench/run loads: what turns cost loads over time, numbers and a plot
  bench/run --only idle --rounds 1             one of those, once
  bench/run --only larson,redis --rounds 3     two rows of the suite
  bench/run --only pair,batch --sizes 64,4096  two programs, two rows each
  bench/run --allocators tidepool,jemalloc     two columns
  bench/run --add old=/tmp/libold.so           one more column, beside the others
  ALLOCATORS="a=a.so b=b.so" bench/run         two more
  bench/run --library before=/tmp/old.so --library after=build/libtidepool.so --rounds 9
                                               two builds of Tidepool alone, and the ratios of the second to the first
  GLIBC_TUNABLES=glibc.pthread.rseq=0 bench/run --only pair    all of them without rseq

exit status: 0 measured, whatever the figures; 1 a program or an allocator failed; 2 wrong usage; 130 interrupted
"""


def make_parser() -> Parser:
    """Return the parser of the options."""
    parser = Parser("bench/run", DESCRIPTION, EXAMPLES)
    parser.add_argument("--rounds", type=integer(1, 1000), metavar="N", help="rounds (default 5, with --quick 2)")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, under two minutes by default")
    parser.add_argument("--only", metavar="NAME,...",
                        help="these programs only, or these rows of suite, real and guides (see --list)")
    parser.add_argument("--scaling", action="store_true", help="the same as --only scaling: 1 to 64 threads")
    parser.add_argument("--sizes", metavar="BYTES,...", help="these sizes only, of those a program has")
    parser.add_argument("--allocators", metavar="NAME,...", help="these allocators only")
    parser.add_argument("--skip", metavar="NAME,...", help="leave these allocators out")
    parser.add_argument("--add", action="append", default=[], metavar="NAME=PATH",
                        help="measure this preload too; never counted as a peer; may be repeated")
    parser.add_argument("--library", action="append", default=[], metavar="NAME=PATH",
                        help="compare this build of Tidepool with those named by further --library, row by row: "
                             "ratios to the first; no other allocator runs unless --allocators names it")
    parser.add_argument("--seconds", type=seconds, metavar="S",
                        help="measured time of one run of pair, batch, mixed and pass, an eighth of that of pause "
                             "(default 0.25, --quick 0.05)")
    parser.add_argument("--warmup", type=seconds, metavar="S",
                        help="time before it, for allocators that adapt slowly (default 0.05, --quick 0.02)")
    parser.add_argument("--json", metavar="FILE", help="where every run's figures go, and the plots beside it "
                        "(default bench/results/bench.json, quick.json with --quick, part.json with a selection)")
    parser.add_build()
    parser.add_argument("--list", action="store_true", help="list programs, rows and allocators, and exit")
    return parser


def effort_of(options: argparse.Namespace) -> Effort:
    """Return how much is measured: what the options say, and the defaults of a quick or a full run."""
    default = quick(options.build) if options.quick else full(options.build)
    return dataclasses.replace(default, rounds=options.rounds or default.rounds,
                               seconds=options.seconds or default.seconds, warmup=options.warmup or default.warmup)


def results_path(parser: Parser, options: argparse.Namespace) -> str:
    """Return where the figures go."""
    path: str = options.json
    if not path:
        selected = options.only or options.sizes or options.skip or options.allocators or options.library
        path = os.path.join(places.RESULTS, "part.json" if selected else
                            "quick.json" if options.quick else "bench.json")
        os.makedirs(places.RESULTS, exist_ok=True)
    if not places.can_write(path):
        parser.error("cannot write %s" % path)
    return path


def check_built(parser: Parser, build: str, programs: Sequence[Program]) -> None:
    """Refuse to run if a program was not built."""
    for name in sorted({"launch/who", "launch/child"}.union(*(program.needed() for program in programs))):
        if not os.access(places.program(build, name), os.X_OK):
            parser.error("no program %s; build them with 'make bench-build'" % places.program(build, name))


def keep_those_that_work(chosen: Sequence[Allocator], build: str,
                         failures: list[dict[str, object]]) -> list[Allocator]:
    """Return the allocators whose preload takes effect; the others become failures."""
    working = []
    for allocator in chosen:
        problem = None if allocator.guides_only else allocators.check(allocator, build)
        if problem is None:
            working.append(allocator)
            continue
        failures.append({"allocator": allocator.name, "program": "who", "row": None, "round": 0, "what": problem})
        sys.stderr.write("bench/run: %s is left out: %s\n" % (allocator.name, problem))
    return working


def about(effort: Effort, programs: Sequence[Program], working: Sequence[Allocator], notes: list[str],
          failures: list[dict[str, object]], builds: Sequence[str]) -> dict[str, object]:
    """Return what the results file holds beside the runs."""
    return {
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "rounds": effort.rounds, "quick": effort.quick,
        "seconds": effort.seconds, "warmup": effort.warmup, "starts": effort.starts, "records": effort.records,
        **machine.describe(), "environment": allocators.steering_variables(),
        "builds": [allocator.name for allocator in working if allocator.name in builds],
        "allocators": {allocator.name: places.shown(allocator.path) for allocator in working},
        "programs": [program.name for program in programs], "missing": notes, "failures": failures,
    }


def main(words: list[str]) -> int:
    """Measure as the words say; return the exit status."""
    parser = make_parser()
    options = parser.parse_args(words)
    if len(options.library) == 1:
        parser.error("--library compares builds: it takes two or more of them")
    if options.scaling:
        options.only = ",".join(filter(None, (options.only, "scaling")))
    programs, missing = selection.choose_programs(parser, options)
    chosen, notes = selection.choose_allocators(parser, options, programs)
    notes += missing
    if options.list:
        selection.print_list(programs, chosen, notes)
        return 0
    path = results_path(parser, options)
    check_built(parser, options.build, programs)

    failures: list[dict[str, object]] = []
    for note in notes:
        sys.stderr.write("note: %s\n" % note)
    working = keep_those_that_work(chosen, options.build, failures)
    if not working:
        sys.stderr.write("bench/run: no allocator left to measure\n")
        return 1
    effort = effort_of(options)
    builds = [text.partition("=")[0] for text in options.library]
    results = Results(about(effort, programs, working, notes, failures, builds))
    interrupted = False
    try:
        Rounds(programs, working, effort, results, failures).measure_all()
    except KeyboardInterrupt:
        interrupted = True
        sys.stderr.write("\nbench/run: interrupted; what follows is what was measured so far\n")
    results.about["goals"] = goals.goals(results)
    results.write(path)
    print("\n".join(report.lines(results)))
    print("\nfigures: %s" % os.path.relpath(path))
    plotted = drawing.draw_elsewhere(path)
    return 130 if interrupted else 1 if failures or plotted != 0 else 0

"""tidepool compare: run the command alternately without the library, with it, and under other allocators."""

import json
import os
import shlex
import signal
import tempfile
import time

from ..base import interrupts, output
from ..base.arguments import number, signal_name
from ..base.failure import CANNOT_RUN, Failure, INTERRUPTED, NOT_FOUND, OWN_FAILURE, WRONG_USAGE, need
from ..base.progress import Progress
from ..measure import comparison_table
from ..measure.allocators import GLIBC, PEER_LIBRARIES, find_shared_library
from ..measure.command import Command, Service, check_startable
from ..measure.comparison import BARE, COUNTED, Column, Comparison, POOLED
from ..measure.library import Library, PREFIX, own_environment
from .subcommand import Arguments, Subcommands

DESCRIPTION = """\
Run COMMAND several times bare, with the library only counting, with its pools, and under the allocators
named by --with, and print side by side what it asked for, who served it, and what time and memory it took."""

EPILOG = f"""\
The command's output goes through in the first round only. Its standard input is read in every run where it is a
file, and is empty otherwise. LD_PRELOAD is ours; other variables are the command's, {PREFIX}... those of "{POOLED}".

exit status: that of COMMAND, the first that is not 0; {WRONG_USAGE} wrong usage, {OWN_FAILURE} no library or nothing
measured, {CANNOT_RUN} COMMAND cannot be run, {NOT_FOUND} COMMAND not found, {INTERRUPTED} interrupted (what was measured is shown)

examples:
  tidepool compare -- python3 program.py
  tidepool compare -n 9 --with jemalloc,mimalloc --children -- make -j2
  tidepool compare --ops 100000 -- ./encode input          what one of 100,000 operations costs: ns, bytes, requests
  tidepool compare --load 'redis-benchmark -q -n 100000' --ready 6379 -- redis-server --save ''
  tidepool compare --json figures.json --html figures.html --syscalls -- git gc
"""


def add(commands: Subcommands) -> None:
    """Add `tidepool compare`."""
    parser = commands.add("compare", execute, "run a command with and without the library",
                          "tidepool compare [options] -- COMMAND [ARG...]", DESCRIPTION, EPILOG)
    parser.add_argument("-n", "--rounds", type=number(1), default=5, metavar="ROUNDS", help="how often (5)")
    parser.add_argument("--with", dest="others", default="", metavar="NAME,...",
                        help=f"further columns: {', '.join([GLIBC, *PEER_LIBRARIES])}, or a library's path")
    parser.add_argument("--ops", type=number(1), metavar="N",
                        help="the command does N operations: also print what one costs")
    parser.add_argument("--children", action="store_true", help="a row for each process that the command starts")
    parser.add_argument("--syscalls", action="store_true", help="one more run each, under strace or perf")
    parser.add_argument("--output", action="store_true", help="let the command's output through in every round")
    parser.add_argument("--load", metavar="COMMAND",
                        help="the command is a server: run this line of shell against it, and measure its time")
    parser.add_argument("--ready", type=number(1, 65535), metavar="PORT", help="wait for this TCP port before the load")
    parser.add_argument("--signal", type=signal_name, metavar="NAME", help="what ends the server (TERM)")
    parser.add_argument("--json", metavar="FILE", help="write all samples there")
    parser.add_argument("--html", metavar="FILE", help="write a page with charts there")


def other_column(name: str) -> Column:
    """The column of a name or path given to --with."""
    if name == GLIBC:
        return Column(name)
    path = os.path.abspath(name) if "/" in name or name.endswith(".so") else None
    if path is None and name not in PEER_LIBRARIES:
        raise Failure(f"--with {name}: neither one of {', '.join([GLIBC, *PEER_LIBRARIES])} nor a path", WRONG_USAGE)
    if path is None:
        path = find_shared_library(PEER_LIBRARIES[name])
        if path is None:
            raise Failure(f"--with {name}: no {PEER_LIBRARIES[name]} is installed", WRONG_USAGE)
    if not os.path.isfile(path) or " " in path or ":" in path:
        raise Failure(f"--with {name}: no file that LD_PRELOAD takes", WRONG_USAGE)
    return Column(os.path.basename(name).partition(".so")[0], path)


def all_columns(others: str, library: Library) -> list[Column]:
    """The columns, in the order of the table."""
    columns = [Column(BARE), Column(COUNTED, library.path, "count"), Column(POOLED, library.path, "pool")]
    columns += [other_column(name) for name in others.split(",") if name]
    names = [column.name for column in columns]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise Failure(f"--with {twice[0]}: two columns of that name", WRONG_USAGE)
    return columns


def measure_all(comparison: Comparison) -> bool:
    """Run all rounds. Returns whether we were interrupted."""
    rounds = comparison.arguments.rounds
    progress = Progress(rounds * len(comparison.columns))
    try:
        for round_number in range(1, rounds + 1):
            comparison.run_round(round_number, progress)
            progress.end_stage(f"round {round_number} of {rounds}")
        if comparison.arguments.syscalls:
            comparison.trace()
    except KeyboardInterrupt:
        progress.close()
        return True
    return False


def write_results(comparison: Comparison, library: Library, started: str) -> None:
    """Print the tables and write the files that were asked for."""
    arguments, data = comparison.arguments, comparison.data(library, started)
    print(f"{data['version']}: {shlex.join(data['command'])}\n")
    print("\n".join(comparison_table.lines(data, arguments.children)))
    if arguments.json:
        output.write(json.dumps(data, indent=1) + "\n", arguments.json)
    if arguments.html:
        from ..report import comparison_view, page  # only this option needs them
        shown = page.Page("Tidepool comparison")
        comparison_view.add(shown, data)
        output.write(shown.html(), arguments.html)


def execute(arguments: Arguments, words: list[str]) -> int:
    """Measure, print, and end as the command did."""
    interrupts.listen()
    library = arguments.library()
    if not arguments.load and (arguments.ready or arguments.signal):
        raise Failure("--ready and --signal are for a server: name what to run against it with --load", WRONG_USAGE)
    need("scipy", *["jinja2"] * bool(arguments.html))
    for path in (arguments.json, arguments.html):
        if path:
            output.check(path)
    environment = {name: value for name, value in own_environment().items() if name != "LD_PRELOAD"}
    check_startable(words[0], environment)
    columns = all_columns(arguments.others, library)
    ending = signal.Signals["SIG" + (arguments.signal or "TERM")]
    service = Service(ending, arguments.load, arguments.ready, is_lasting=True) if arguments.load else None
    started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    with tempfile.TemporaryDirectory(prefix="tidepool-compare.", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)
        comparison = Comparison(Command(words, environment, folder, service), columns, arguments)
        interrupted = measure_all(comparison)
    if comparison.samples:
        write_results(comparison, library, started)
    for line in comparison.complain():
        output.complain(line)
    return INTERRUPTED if interrupted else comparison.status

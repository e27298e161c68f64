"""tidepool top: what a running process asks of the pools, as it happens."""

import os

from ..base.failure import Failure, OWN_FAILURE, WRONG_USAGE, need
from ..stats.live_file import LiveFile, NotLive, find, find_mapped
from ..top.view import View, head_line, shown, title_line, total_line
from .subcommand import Arguments, Subcommands

DEFAULT_PATTERN = "/tmp/tidepool-%p.live"

DESCRIPTION = """\
Show a running process: requests a second for each size, who served them, and what is held. The process must have been
started with TIDEPOOL_LIVE. Watching costs it nothing: it writes its counters to that file once a tick in any case."""

EPILOG = f"""\
Rates are those between two ticks of the process (TIDEPOOL_TICK); with --once they are means since its start.

keys: q quit, space pause, s g h p m sort by size, gets, hit rate, puts, memory held, r turn round, arrows scroll

columns: gets/s requests a second; hit % served by pools; local ovfl stol vict slab who served them, in percent: the own
CPU's stack and overflow, another CPU's overflow, the victim generation, a slab; held bytes the pools keep; pool whether
the class is pooled

exit status: 0 all is well, {WRONG_USAGE} wrong usage or no such process, {OWN_FAILURE} no terminal to show it on,
128 + N after signal N

examples:
  tidepool run --live {DEFAULT_PATTERN} -- redis-server
  tidepool top
  tidepool top 4711 --interval 0.5
"""


def add(commands: Subcommands) -> None:
    """Add `tidepool top`."""
    parser = commands.add("top", execute, "show a running process live",
                          "tidepool top [PID] [--file F] [--interval S] [--once]", DESCRIPTION, EPILOG)
    parser.add_argument("pid", metavar="PID", type=int, nargs="?", help="the process; none: the only one there is")
    default = DEFAULT_PATTERN.replace("%", "%%")
    parser.add_argument("--file", metavar="F", help=f"its TIDEPOOL_LIVE ({default}, or what PID has mapped)")
    parser.add_argument("--interval", metavar="S", type=float, default=1.0, help="seconds from look to look (1)")
    parser.add_argument("--once", action="store_true", help="print one table, without a screen")


def choose(pid: int | None, pattern: str | None) -> LiveFile:
    """The live file that is meant."""
    if pid and not pattern:
        files = find_mapped(pid) or find(DEFAULT_PATTERN, pid)
    else:
        files = find((pattern or DEFAULT_PATTERN).replace("%p", str(pid) if pid else "%p"), pid)
    if len(files) == 1:
        return files[0]
    start = f"start it with: tidepool run --live {DEFAULT_PATTERN} -- COMMAND"
    if not files and pid:
        known = os.path.isdir(f"/proc/{pid}")
        raise Failure(f"process {pid} shares no counters: {start}" if known else f"no process {pid}", WRONG_USAGE)
    if not files:
        raise Failure(f"no process shares its counters as {pattern or DEFAULT_PATTERN}: {start}", WRONG_USAGE)
    for file in files:
        print(f"{file.pid:>8}  {shown(file.program)}  {shown(os.path.basename(file.path))}")
    raise Failure(f"{len(files)} processes share their counters: name one of these", WRONG_USAGE)


def print_once(file: LiveFile) -> None:
    """Print one table: the means since the process began."""
    sample = file.read()
    view = View(None, sample)
    lines = [title_line(file, sample, ""), total_line(view), head_line("gets"), view.total.line("all"),
             *(row.line(str(row.size)) for row in view.ordered("gets", False))]
    print("\n".join(lines))


def show(file: LiveFile, interval_s: float) -> int:
    """Show it on a screen."""
    if not os.isatty(0) or not os.isatty(1):
        raise Failure("no terminal: --once prints one table", OWN_FAILURE)
    need("curses")  # Debian's python3-minimal has none
    import curses
    from ..top.screen import show as show_screen
    try:
        return show_screen(file, interval_s)
    except curses.error as error:
        raise Failure(f"the terminal cannot show it ({error}): --once prints one table", OWN_FAILURE) from None


def execute(arguments: Arguments, _words: list[str]) -> int:
    """Show the process. Returns the exit status."""
    if not 0.05 <= arguments.interval <= 3600:
        raise Failure("--interval: not a time from 0.05 to 3600 seconds", WRONG_USAGE)
    if arguments.pid is not None and arguments.pid <= 0:
        raise Failure("PID: not a process", WRONG_USAGE)
    file = choose(arguments.pid, arguments.file)
    try:
        if arguments.once:
            print_once(file)
            return 0
        return show(file, arguments.interval)
    except (NotLive, OSError) as error:
        raise Failure(str(error), OWN_FAILURE) from None

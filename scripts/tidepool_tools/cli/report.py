"""tidepool report: statistics dumps, heap profiles and comparisons as one HTML page."""

import json
import os
from typing import Any

from ..base import output
from ..base.failure import Failure, WRONG_USAGE, need
from ..stats.dump import Dump, read_lines
from ..stats.sums import lives, sum_of
from .subcommand import Arguments, Subcommands

DESCRIPTION = """\
Write one HTML page about FILES: statistics in JSON, of one or many processes, with one or many dumps a process; heap
profiles; what `tidepool compare --json` wrote. The page is complete in itself."""

EPILOG = """\
Two files with statistics are two runs, which are compared; more than two are read as one run, as %p in the name of
TIDEPOOL_STATS_FILE makes them. Several dumps of one process, as TIDEPOOL_STATS_SIGNAL makes them, show time.

exit status: 0 the page is written, 2 wrong usage or a file that holds nothing to report, 125 the page cannot be written

examples:
  tidepool run --stats json --stats-file /tmp/redis.json -- redis-server
  tidepool report /tmp/redis.json -o redis.html
  tidepool report before.json after.json heap.prof
"""


def add(commands: Subcommands) -> None:
    """Add `tidepool report`."""
    parser = commands.add("report", execute, "show statistics and heap profiles as a page",
                          "tidepool report FILE... [-o FILE.html]", DESCRIPTION, EPILOG)
    parser.add_argument("files", metavar="FILE", nargs="+", help="statistics, a heap profile or a comparison")
    parser.add_argument("-o", "--output", metavar="FILE.html", default="tidepool-report.html",
                        help="where the page goes; - for standard output (tidepool-report.html)")


def read_text(path: str) -> str:
    """A file's text, whatever its bytes are."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}", WRONG_USAGE) from None


def read_comparison(text: str) -> dict[str, Any] | None:
    """What `compare` wrote, or None where a text is something else."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and isinstance(data.get("columns"), list) else None


def read_dumps(path: str, text: str) -> list[Dump]:
    """The dumps among the lines of a text."""
    dumps, wrong = read_lines(text.splitlines(), strict=False)
    if not dumps:
        raise Failure(f"{path}: neither statistics in JSON, nor a heap profile, nor a comparison", WRONG_USAGE)
    if wrong:
        output.complain(f"{path}: {len(wrong)} of its lines are no statistics; left out")
    return dumps


def execute(arguments: Arguments, _words: list[str]) -> int:
    """Write the page and say where. Returns the exit status."""
    need("jinja2")
    from ..heap.profile import Malformed, is_profile, read_text as read_profile
    from ..report import comparison_view, page, profile_view, run_view, runs_view
    runs, profiles, comparisons = [], [], []
    for path in arguments.files:
        name, text = os.path.basename(path), read_text(path)
        comparison = read_comparison(text)
        if is_profile(text):
            need("elftools")
            try:
                profiles.append((name, read_profile(text)))
            except Malformed as error:
                raise Failure(f"{path}: {error}", WRONG_USAGE) from None
        elif comparison:
            comparisons.append(comparison)
        else:
            runs.append((name, read_dumps(path, text)))
    programs = sorted({dump.program for _, dumps in runs for dump in dumps})
    shown = page.Page(f"Tidepool report: {programs[0]}" if len(programs) == 1 else "Tidepool report")
    if len(runs) > 2:
        runs = [(f"{len(runs)} files", [dump for _, dumps in runs for dump in dumps])]
    for comparison in comparisons:
        comparison_view.add(shown, comparison)
    if len(runs) == 2:
        runs_view.add(shown, [(name, sum_of([life[-1] for life in lives(dumps)])) for name, dumps in runs])
    for name, dumps in runs:
        run_view.add(shown, name, dumps)
    for name, profile in profiles:
        profile_view.add(shown, name, profile)
    output.write(shown.html(), arguments.output)
    if arguments.output != "-":
        print(arguments.output)
    return 0

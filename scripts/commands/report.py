"""tidepool report: statistics dumps, heap profiles and comparisons as one HTML page."""

import json
import os
import sys

from . import page
from .dumps import read_lines
from .heap_profile import Malformed, is_profile, read_profile
from .library import Failure, WRONG_USAGE

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


def add(commands, shared, _library):
    """Add `tidepool report`."""
    parser = commands.add_parser("report", parents=[shared], help="show statistics and heap profiles as a page",
                                 usage="tidepool report FILE... [-o FILE.html]", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("files", metavar="FILE", nargs="+", help="statistics, a heap profile or a comparison")
    parser.add_argument("-o", "--output", metavar="FILE.html", default="tidepool-report.html",
                        help="where the page goes; - for standard output (tidepool-report.html)")
    parser.set_defaults(execute=execute)


def read_text(path):
    """A file's text, whatever its bytes are."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}", WRONG_USAGE) from None


def read_comparison(text):
    """What `compare` wrote, or None where a text is something else."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and isinstance(data.get("columns"), list) else None


def read_files(paths):
    """Sort files by what they hold. Returns what page.report takes: (runs, profiles, comparisons)."""
    runs, profiles, comparisons = [], [], []
    for path in paths:
        name, text = os.path.basename(path), read_text(path)
        if is_profile(text):
            try:
                profiles.append((name, read_profile(text)))
            except Malformed as error:
                raise Failure(f"{path}: {error}", WRONG_USAGE) from None
            continue
        comparison = read_comparison(text)
        if comparison:
            comparisons.append(comparison)
            continue
        dumps, others = read_lines(text)
        if not dumps:
            raise Failure(f"{path}: neither statistics in JSON, nor a heap profile, nor a comparison", WRONG_USAGE)
        if others:
            print(f"tidepool: {path}: {others} of its lines are no statistics; left out", file=sys.stderr)
        runs.append((name, dumps))
    if len(runs) > 2:
        runs = [(f"{len(runs)} files", [dump for _, dumps in runs for dump in dumps])]
    return runs, profiles, comparisons


def execute(arguments, _library, words):
    """Write the page and say where. Returns the exit status."""
    if words:
        raise Failure("report takes no command", WRONG_USAGE)
    page.report(*read_files(arguments.files)).write(arguments.output)
    if arguments.output != "-":
        print(arguments.output)
    return 0

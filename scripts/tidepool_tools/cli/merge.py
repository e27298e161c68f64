"""tidepool merge: add up the statistics of many processes or hosts."""

import json
from collections.abc import Callable

from ..base import output
from ..base.failure import Failure, OWN_FAILURE, WRONG_USAGE
from ..base.figures import bytes_text, printable, share_text
from ..stats import exposition
from ..stats.dump import Dump, Row, hits, pooled, read_lines
from ..stats.schema import counters
from ..stats.sums import add_up, lives
from .subcommand import Arguments, Subcommands

BROKEN = 1

DESCRIPTION = """\
Add up the JSON dumps in FILES, one a line, of as many processes as they hold: counters and levels add, of the
peak memory the sum and the largest are kept. Of several dumps of one process in a file the last one counts, as
it holds the others. What merge writes as JSON it also reads, so that hosts can send their sums to one place."""

EPILOG = f"""\
exit status: 0; {BROKEN} a file or a line could not be read (each is named, the rest is merged); {WRONG_USAGE} wrong usage;
{OWN_FAILURE} what is merged cannot be written

examples:
  tidepool run --stats json --stats-file /tmp/stats/%p.json -- make -j8; tidepool merge /tmp/stats/*.json
  tidepool merge --format prom -o /var/lib/node_exporter/tidepool.prom /var/tmp/tidepool/*.json
  ssh other tidepool merge --format json '/var/tmp/*.json' | tidepool merge - here.json
"""


def add(commands: Subcommands) -> None:
    """Add `tidepool merge`."""
    parser = commands.add("merge", execute, "add up statistics of many processes or hosts",
                          "tidepool merge [options] FILE...", DESCRIPTION, EPILOG)
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file of dumps; -: standard input")
    parser.add_argument("--format", choices=["text", "json", "prom"], default="text",
                        help="prom: what Prometheus' textfile collector reads (text)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there, whole or not at all")


def read_files(names: list[str], complain: Callable[[str], None]) -> list[Dump]:
    """The dumps of all files that can be read, of each process the last."""
    dumps = []
    for name in names:
        try:
            with open(0 if name == "-" else name, encoding="utf-8", errors="replace", closefd=name != "-") as file:
                found, wrong = read_lines(file)
        except OSError as error:
            complain(f"{name}: {error.strerror}")
            continue
        for number, reason in wrong:
            complain(f"{name}:{number}: {reason}")
        dumps += [life[-1] for life in lives(found)]
    return dumps


def text_row(label: object, row: Row, columns: list[str]) -> str:
    """One line of the table: a class's counters, how many of its requests a pool served, and what it holds."""
    cells = "".join(f" {row[name]:12}" for name in columns)
    return f"{label:>8}{cells} {share_text(hits(row), pooled(row)):>9} {bytes_text(row['held_bytes']):>11}\n"


def write_text(total: Dump) -> str:
    """The table of a dump's text, of the sum."""
    columns = {counter.name: counter.column for counter in counters("totals") if counter.column}
    large, turn = total.large, total.turn
    programs = ", ".join(f"{printable(name)} ({each.processes})" for name, each in total.by_program.items())
    text = (f"{total.processes} processes: {programs}\n"
            f"peak memory {bytes_text(total.peak_rss_bytes)} at most, {bytes_text(total.peak_rss_sum_bytes)} in all   "
            f"over the largest class: {large['gets']} gets, {large['puts']} puts, {bytes_text(large['bytes'])}\n"
            f"turns {turn['turns']}   gone back to slabs {bytes_text(turn['drained_bytes'])}, "
            f"to the kernel {bytes_text(turn['returned_bytes'])}\n\n")
    text += f"{'size':>8}" + "".join(f" {name:>12}" for name in columns.values()) + "  hit rate  held bytes\n"
    rows = [("all", total.totals), *sorted(total.classes.items(), key=lambda each: -each[1]["gets"])]
    return text + "".join(text_row(label, row, list(columns)) for label, row in rows)


def write_json(total: Dump) -> str:
    """The sum as one line."""
    return json.dumps(total.data()) + "\n"


WRITERS = {"text": write_text, "json": write_json, "prom": exposition.write}


def execute(arguments: Arguments, _words: list[str]) -> int:
    """Read, add, write."""
    complaints: list[str] = []
    dumps = read_files(arguments.files, complaints.append)
    for complaint in complaints:
        output.complain(complaint)
    if not dumps:
        raise Failure("no dump to merge", BROKEN)
    text = WRITERS[arguments.format](add_up(dumps))
    if arguments.output:
        output.replace(text, arguments.output)
    else:
        output.write(text, "-")
    return BROKEN if complaints else 0

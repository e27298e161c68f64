"""tidepool merge: add up the statistics of many processes or hosts."""

import contextlib
import json
import os
import sys

from . import exposition, sums
from .library import Failure, OWN_FAILURE, WRONG_USAGE
from .plain import in_bytes, printable
from .schema import Schema, value_at

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


def add(commands, shared, library):
    """Add `tidepool merge`."""
    parser = commands.add_parser("merge", parents=[shared], help="add up statistics of many processes or hosts",
                                 usage="tidepool merge [options] FILE...", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file of dumps; -: standard input")
    parser.add_argument("--format", choices=["text", "json", "prom"], default="text",
                        help="prom: what Prometheus' textfile collector reads (text)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write there, whole or not at all")
    parser.set_defaults(execute=execute)


def read_files(names, complain):
    """The dumps of all files that can be read."""
    dumps = []
    for name in names:
        try:
            with open(0 if name == "-" else name, encoding="utf-8", errors="replace", closefd=name != "-") as file:
                found, wrong = sums.read(file)
        except OSError as error:
            complain(f"{name}: {error.strerror}")
            continue
        for number, reason in wrong:
            complain(f"{name}:{number}: {reason}")
        dumps += found
    return dumps


def text_row(label, row, columns):
    """One line of the table: a class's counters, how many of its requests a pool served, and what it holds."""
    pooled = value_at(row, ("gets",)) - value_at(row, ("unpooled",))
    rate = f"{100 * sum(row['hits'].values()) / pooled:.1f} %" if pooled else "-"
    cells = "".join(f" {value_at(row, path):12}" for path, _ in columns)
    return f"{label:>8}{cells} {rate:>9} {in_bytes(value_at(row, ('held_bytes',))):>11}\n"


def write_text(total, schema):
    """The table of a dump's text, of the sum."""
    columns = [(path, each["x-column"]) for path, each in schema.counters("totals") if "x-column" in each]
    large, turn, peak = total["large"], total["turn"], total["peak_rss_bytes"]
    programs = ", ".join(f"{printable(name)} ({each['processes']})" for name, each in total["by_program"].items())
    text = (f"{total['processes']} processes: {programs}\n"
            f"peak memory {in_bytes(peak['max'])} at most, {in_bytes(peak['sum'])} in all   over the largest class: "
            f"{large['gets']} gets, {large['puts']} puts, {in_bytes(large['bytes'])}\n"
            f"turns {turn['turns']}   gone back to slabs {in_bytes(turn['drained_bytes'])}, "
            f"to the kernel {in_bytes(turn['returned_bytes'])}\n\n")
    text += f"{'size':>8}" + "".join(f" {name:>12}" for _, name in columns) + "  hit rate  held bytes\n"
    text += text_row("all", total["totals"], columns)
    for row in sorted(total["classes"], key=lambda each: -each["gets"]):
        text += text_row(row["size"], row, columns)
    return text


def write_whole(path, text):
    """Write a file so that a reader finds the old one or the new one; Failure if it cannot be."""
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise Failure(f"{path}: {error.strerror}", OWN_FAILURE) from None


def execute(arguments, library, words):
    """Read, add, write."""
    if words:
        raise Failure("merge runs no command", WRONG_USAGE)
    complaints = []
    dumps = read_files(arguments.files, complaints.append)
    for complaint in complaints:
        print(f"tidepool: {complaint}", file=sys.stderr)
    if not dumps:
        raise Failure("no dump to merge", BROKEN)
    total = sums.add_up(dumps)
    if arguments.format == "json":
        text = json.dumps(total) + "\n"
    else:
        text = {"text": write_text, "prom": exposition.write}[arguments.format](total, Schema())
    if arguments.output:
        write_whole(arguments.output, text)
    else:
        sys.stdout.write(text)
    return BROKEN if complaints else 0

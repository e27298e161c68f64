"""`bench/run report`: the tables of a results file and its plots, from that file alone."""

import sys

from harness.commands.arguments import Parser
from harness.figures import results
from harness.pages import blocks, drawing, report

DESCRIPTION = """\
Print the tables of a results file and draw its plots, from that file alone.

The plots go beside the file, as FILE-sizes.svg, FILE-suite.svg and so on, if there is matplotlib (Debian's
python3-matplotlib)."""


def main(words: list[str]) -> int:
    """Report as the words say; return the exit status."""
    parser = Parser("bench/run report", DESCRIPTION)
    parser.add_argument("file", metavar="FILE.json", help="what a command of bench/run wrote")
    parser.add_argument("--no-plot", action="store_true", help="the tables only")
    options = parser.parse_args(words)
    try:
        kind = blocks.written_by(options.file)
        if kind == "run":
            print("\n".join(report.lines(results.read(options.file))))
        elif kind in blocks.COMMANDS:
            print("\n".join(blocks.COMMANDS[kind][1](blocks.read_plain(options.file))))
    except (OSError, ValueError) as error:
        sys.stderr.write("bench/run report: %s: %s\n" % (options.file, error))
        return 1
    return 0 if options.no_plot else drawing.draw_elsewhere(options.file)


def plot(words: list[str]) -> int:
    """Draw the plots alone, with this interpreter."""
    parser = Parser("bench/run plot", "Draw the plots of a results file, beside it, with matplotlib.")
    parser.add_argument("file", metavar="FILE.json", help="what a command of bench/run wrote")
    drawing.draw(parser.parse_args(words).file)
    return 0

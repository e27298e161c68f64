"""The whole command line: the parser of tidepool, with its subcommands, and what its end means."""

import os
import sys

from ..base.arguments import Parser
from ..base.failure import Failure, WRONG_USAGE
from ..base.installation import version
from ..base.output import Output, complain
from ..measure.library import Library
from . import compare, merge, profile, report, run, top, tune
from .subcommand import Subcommands, shared_parser

COMMANDS = (run, compare, profile, tune, report, top, merge)

DESCRIPTION = "Run programs with the Tidepool library, and see what it does for them."

EPILOG = """\
`tidepool COMMAND --help` says more.

examples:
  tidepool run -- redis-server --port 7000
  tidepool run --stats text -- git gc
  tidepool tune -- python3 program.py
  tidepool compare --ops 100000 -- ./encode input
  tidepool merge --format prom -o /var/lib/node_exporter/tidepool.prom /var/tmp/tidepool/*.json
  tidepool profile -- python3 program.py
"""


def build_parser(library_path: str | None) -> tuple[Parser, dict[str, Parser]]:
    """The parser of the command line, and those of the subcommands. The library is asked when one needs it."""
    parser = Parser(prog="tidepool", parents=[shared_parser()], description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"Tidepool {version()}",
                        help="print the version and exit")
    actions = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    commands = Subcommands(actions, lambda: Library(library_path))
    for module in COMMANDS:
        module.add(commands)
    return parser, actions.choices


def execute(words: list[str]) -> int:
    """Do what the command line asks. Returns the exit status."""
    end = words.index("--") if "--" in words else len(words)
    # The library comes first, wherever it is named: of what it is depends what else there may be.
    chosen, rest = shared_parser().parse_known_args(words[:end])
    parser, _ = build_parser(chosen.library_path)
    arguments, unknown = parser.parse_known_args(rest)
    if unknown:
        raise Failure(f"{unknown[0]}: not an option; a command to run comes after --", WRONG_USAGE)
    return int(arguments.execute(arguments, words[end + 1:]))


def main() -> int:
    """Returns the exit status."""
    sys.stdout = Output(sys.stdout)  # type: ignore[assignment]  # it is all that print needs
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")
    try:
        try:
            return execute(sys.argv[1:])
        finally:
            sys.stdout.flush()
    except Failure as failure:
        if str(failure):
            complain(failure)
        return failure.status

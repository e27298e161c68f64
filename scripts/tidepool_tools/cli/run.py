"""tidepool run: become the command, with the library preloaded.

The options are the library's own table, asked of the library at every start: none is named here. It ends in
exec, so that signals, limits and the exit status are the command's own.
"""

import functools
import os
import signal
from collections.abc import Callable
from typing import Any, NoReturn

from ..base.arguments import Parser
from ..base.failure import CANNOT_RUN, Failure, NOT_FOUND, OWN_FAILURE, WRONG_USAGE, not_started
from ..measure.library import Library, PREFIX, own_environment
from .subcommand import Arguments, Subcommands

DESCRIPTION = "Run COMMAND with the Tidepool library preloaded, before whatever LD_PRELOAD already names."

EPILOG = f"""\
Each option sets the environment variable of its name for COMMAND (--mode: {PREFIX}MODE); what is not given
stays as the environment has it. Static and setuid programs take no preloaded library.

exit status: that of COMMAND; {WRONG_USAGE} wrong usage, {OWN_FAILURE} no library, {CANNOT_RUN} COMMAND cannot be run,
{NOT_FOUND} COMMAND not found

examples:
  tidepool run -- redis-server --port 7000
  tidepool run --stats text -- git gc
  tidepool run --stats json --stats-file /tmp/%e-%p.json -- make -j2
  tidepool run --mode count --stats text -- python3 program.py
"""


def add_options(library: Callable[[], Library], parser: Parser, words: list[str]) -> None:
    """Add a flag for each row of the library's table; one with the values 0 and 1 may go without its value."""
    try:
        rows = library().options()
    except Failure as failure:
        if not {"-h", "--help"} & set(words):
            raise
        parser.epilog = f"The library's own options are not here: {failure}\n\n{parser.epilog}"
        return
    for name, values, text in rows:
        if name == "HELP":
            continue  # --help is this page, which holds the same table
        is_choice = "," in values
        optional: dict[str, Any] = {"nargs": "?", "const": "1"} if values == "0,1" else {}
        parser.add_argument("--" + name.lower().replace("_", "-"), dest=PREFIX + name,
                            metavar="{" + values + "}" if is_choice else name.rpartition("_")[2],
                            help=(text if is_choice else f"{values}: {text}").replace("%", "%%"), **optional)


def add(commands: Subcommands) -> None:
    """Add `tidepool run`, whose options come with the library when they are asked for: other commands need none."""
    commands.add("run", execute, "run a command with the library preloaded",
                 "tidepool run [options] -- COMMAND [ARG...]", DESCRIPTION, EPILOG,
                 filler=functools.partial(add_options, commands.library))


def execute(arguments: Arguments, words: list[str]) -> NoReturn:
    """Set what the options ask for and become the command; Failure says why that cannot be."""
    library = arguments.library()
    options = {name: value for name, value in vars(arguments).items() if name.startswith(PREFIX) and value is not None}
    if options:
        library.check(options)
    environment = {**own_environment(), **options}
    environment["LD_PRELOAD"] = library.preload(environment)
    # Python ignores these two, and a program that is executed would inherit that.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(words[0], words, environment)
    except OSError as error:
        raise not_started(words[0], error) from None

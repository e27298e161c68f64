"""tidepool run: become the command, with the library preloaded.

The options are the library's own table, asked of the library at every start: none is named here. It ends in
exec, so that signals, limits and the exit status are the command's own.
"""

import os
import signal

from .library import CANNOT_RUN, Failure, NOT_FOUND, OWN_FAILURE, PREFIX, WRONG_USAGE, own_environment, preload

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


def option_metavar(name, values):
    """What a help page shows for an option's value: the words to choose from, or the last part of its name."""
    return "{" + values + "}" if "," in values else name.rpartition("_")[2]


def add_option(parser, name, values, text):
    """Add the flag of one row of the library's table; one with the values 0 and 1 may go without its value."""
    if "," not in values:
        text = f"{values}: {text}"
    optional = {"nargs": "?", "const": "1"} if values == "0,1" else {}
    parser.add_argument("--" + name.lower().replace("_", "-"), dest=PREFIX + name, metavar=option_metavar(name, values),
                        help=text.replace("%", "%%"), **optional)


def add(commands, shared, library):
    """Add `tidepool run`, with a flag for each of the library's options."""
    parser = commands.add_parser("run", parents=[shared], help="run a command with the library preloaded",
                                 usage="tidepool run [options] -- COMMAND [ARG...]", description=DESCRIPTION,
                                 epilog=EPILOG)
    for name, values, text in library.options():
        if name != "HELP":  # --help is this page, which holds the same table
            add_option(parser, name, values, text)
    parser.set_defaults(execute=execute)


def replace_process(words, environment):
    """Become the command. Never returns: Failure says why it could not, with a shell's exit status."""
    # Python ignores these two, and a program that is executed would inherit that.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(words[0], words, environment)
    except FileNotFoundError as error:
        reason = error.strerror if "/" in words[0] else "command not found"
        raise Failure(f"{words[0]}: {reason}", NOT_FOUND) from None
    except OSError as error:
        raise Failure(f"{words[0]}: {error.strerror}", CANNOT_RUN) from None


def execute(arguments, library, words):
    """Set what the options ask for and become the command."""
    if not words:
        raise Failure("no command: tidepool run [options] -- COMMAND [ARG...]", WRONG_USAGE)
    options = {name: value for name, value in vars(arguments).items() if name.startswith(PREFIX) and value is not None}
    if options:
        library.check(options)
    environment = own_environment()
    environment.update(options)
    preload(environment, library.path)
    replace_process(words, environment)

"""Arguments of several commands, and how wrong ones are refused: in one line, with status 2."""

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from harness.field import places


class Parser(argparse.ArgumentParser):
    """Reports wrong usage in one line."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(prog=prog, description=description, epilog=epilog, allow_abbrev=False,
                         formatter_class=argparse.RawDescriptionHelpFormatter)

    def error(self, message: str) -> NoReturn:
        sys.stderr.write("%s: %s (see --help)\n" % (self.prog, message))
        sys.exit(2)

    def add_build(self) -> None:
        """Add --build."""
        self.add_argument("--build", metavar="FOLDER", default=places.BUILD, type=absolute,
                          help="where the library and bench/ were built (default build)")


def absolute(text: str) -> str:
    """Return the path that a text names, wherever the process is."""
    return os.path.abspath(text)


def integer(lowest: int, highest: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from lowest to highest."""
    def parse(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError("'%s' is not a number from %d to %d" % (text, lowest, highest))
        return int(text)
    return parse


def seconds(text: str) -> float:
    """Parse a time."""
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0.001 <= value <= 60:
        raise argparse.ArgumentTypeError("'%s' is not a time from 0.001 to 60 seconds" % text)
    return value

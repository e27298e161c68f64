"""What a subcommand is: a parser of its own, and what it does with its arguments and the words after --."""

import argparse
import functools
from collections.abc import Callable
from typing import Any

from ..base.arguments import Parser
from ..base.failure import Failure, WRONG_USAGE
from ..measure.library import LIBRARY_NAME, Library

Arguments = Any  # argparse's: a field for each argument; and library(), which finds the library at its first call
Execute = Callable[[Arguments, list[str]], int]


def shared_parser() -> Parser:
    """The options of every subcommand."""
    parser = Parser(add_help=False)
    parser.add_argument("--library", dest="library_path", metavar="PATH",
                        help=f"the {LIBRARY_NAME} to use, not the one beside this script")
    return parser


class Subcommands:
    """The subcommands that there are. `library` finds the shared library, which not all of them need."""

    def __init__(self, actions: "argparse._SubParsersAction[Parser]", library: Callable[[], Library]) -> None:
        self.actions, self.library = actions, functools.cache(library)

    def add(self, name: str, execute: Execute, about: str, usage: str, description: str, epilog: str,
            **settings: Any) -> Parser:
        """Add one: its parser, which the caller gives its arguments. What runs a command has -- in its usage."""
        parser = self.actions.add_parser(name, parents=[shared_parser()], help=about, usage=usage,
                                         description=description, epilog=epilog, **settings)

        def checked(arguments: Arguments, words: list[str]) -> int:
            if ("--" in usage.split()) != bool(words):
                raise Failure(f"no command: {usage}" if not words else f"{name} takes no command", WRONG_USAGE)
            return execute(arguments, words)

        parser.set_defaults(execute=checked, library=self.library)
        return parser

"""The command line: a parser that complains in one line, and types of arguments with the names that it calls them."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from .failure import Failure, WRONG_USAGE

ENDING_SIGNALS = ("HUP", "INT", "QUIT", "USR1", "USR2", "TERM")  # what a server may be ended by


class Parser(argparse.ArgumentParser):
    """An argument parser that knows no abbreviations and reports wrong usage in one line."""

    def __init__(self, filler: Callable[["Parser", list[str]], None] | None = None, **settings: Any) -> None:
        """filler: adds the arguments that are not known before there are words to parse."""
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)
        self.filler = filler

    def fill(self, words: list[str]) -> None:
        """Have all arguments."""
        if self.filler:
            self.filler(self, words)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        self.fill(args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        raise Failure(message, WRONG_USAGE)


def number(low: int, high: int | None = None) -> Callable[[str], int]:
    """The type of an argument that is a whole number from low on, or to high."""
    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < low or (high is not None and int(text) > high):
            raise ValueError
        return int(text)
    parse.__name__ = f"number from {low} on" if high is None else f"number from {low} to {high}"
    return parse


def seconds(text: str) -> float:
    """The type of an argument that is a time."""
    value = float(text)
    if not 0 <= value < 86400:
        raise ValueError
    return value


def signal_name(text: str) -> str:
    """The type of an argument that is the name of a signal, with or without SIG."""
    name = text.upper().removeprefix("SIG")
    if name not in ENDING_SIGNALS:
        raise ValueError
    return name


signal_name.__name__ = f"signal of {', '.join(ENDING_SIGNALS)}"

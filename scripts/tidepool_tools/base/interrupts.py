"""Ctrl-C, SIGTERM and SIGHUP while commands run under us: heard where we wait for them, so that nothing stays half done.

After listen() they raise KeyboardInterrupt inside of `with heard():` and nowhere else, and only once: what is cleaned
up after it is not broken off by a second. One that comes earlier waits for the next such block.
"""

import contextlib
import signal
from collections.abc import Iterator

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Whether one came, and whether we are where it may be told, and have told it."""

    def __init__(self) -> None:
        self.came = self.is_heard = self.told = False

    def note(self, _number: int, _frame: object) -> None:
        """The signals' handler."""
        self.came = True
        if self.is_heard:
            self.tell()

    def tell(self) -> None:
        """Raise KeyboardInterrupt where one came and has not been told."""
        if self.came and not self.told:
            self.told = True
            raise KeyboardInterrupt


INTERRUPTS = Interrupts()


def listen() -> None:
    """From now on note them; one that is ignored, as in a shell's background jobs, stays so."""
    for number in NUMBERS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, INTERRUPTS.note)


def check() -> None:
    """KeyboardInterrupt where one has come: what failed may have failed of it, as a terminal tells all alike."""
    INTERRUPTS.tell()


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Here KeyboardInterrupt may be raised."""
    INTERRUPTS.is_heard = True
    try:
        INTERRUPTS.tell()
        yield
    finally:
        INTERRUPTS.is_heard = False

"""Ctrl-C, SIGTERM and SIGHUP while commands run under us: heard where we wait, so that nothing stays half done.

After listen() they raise KeyboardInterrupt inside of `with heard():` and nowhere else, and only once: what is cleaned
up after it is not broken off by a second. One that comes earlier waits for the next such block.
"""

import contextlib
import signal
from collections.abc import Iterator

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

state = {"came": False, "is_heard": False, "told": False}


def note(_number: int, _frame: object) -> None:
    """The signals' handler."""
    state["came"] = True
    if state["is_heard"]:
        check()


def listen() -> None:
    """From now on note them; one that is ignored, as in a shell's background jobs, stays so."""
    for number in NUMBERS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, note)


def check() -> None:
    """KeyboardInterrupt where one has come and has not been told: what failed may have failed of it."""
    if state["came"] and not state["told"]:
        state["told"] = True
        raise KeyboardInterrupt


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Here KeyboardInterrupt may be raised."""
    state["is_heard"] = True
    try:
        check()
        yield
    finally:
        state["is_heard"] = False

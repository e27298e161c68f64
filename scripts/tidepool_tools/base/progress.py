"""How far a number of runs of a command have come."""

import contextlib
import sys
import time
from collections.abc import Iterator


class Progress:
    """A line on standard error: on a terminal the run and the time left, else one as each stage ends."""

    def __init__(self, runs: int) -> None:
        self.runs, self.done = runs, 0
        self.started = time.monotonic()
        self.on_terminal = sys.stderr.isatty()

    def time_left(self) -> str:
        """In words; nothing before the first run has shown how long one takes."""
        if not self.done:
            return ""
        seconds = round((time.monotonic() - self.started) / self.done * (self.runs - self.done))
        return f", {seconds // 60}:{seconds % 60:02} left"

    @contextlib.contextmanager
    def run(self, what: str, quiet: bool = False) -> Iterator[None]:
        """A run; not quiet: the command writes to the terminal as well."""
        if self.on_terminal:
            sys.stderr.write(f"\r\033[K{what}{self.time_left()}{'' if quiet else chr(10)}")
            sys.stderr.flush()
        yield
        self.done += 1
        self.close()

    def close(self) -> None:
        """Leave the terminal's line empty."""
        if self.on_terminal:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def end_stage(self, what: str) -> None:
        """Several runs have ended."""
        if not self.on_terminal:
            sys.stderr.write(f"{what} done{self.time_left()}\n")

"""The line that tells how long the rounds will take."""

import sys
from collections.abc import Hashable, Mapping


class Progress:
    """One line on stderr with the time left; rewritten on a terminal, one a row and round elsewhere."""

    def __init__(self, planned: Mapping[Hashable, tuple[float, int]]) -> None:
        """planned: {row: (seconds of one run, number of runs)}"""
        self.guess_s = {key: seconds for key, (seconds, _) in planned.items()}
        self.left = {key: count for key, (_, count) in planned.items()}
        self.taken_s: dict[Hashable, list[float]] = {key: [] for key in planned}
        self.terminal = sys.stderr.isatty()
        self.last: tuple[str, Hashable] | None = None

    def left_s(self) -> float:
        """Estimate what is left, by what was measured so far; guesses were for another machine."""
        taken = {key: sum(taken) / len(taken) for key, taken in self.taken_s.items() if taken}
        slower = sum(taken.values()) / (sum(self.guess_s[key] for key in taken) or 1) if taken else 1
        return sum(count * taken.get(key, self.guess_s[key] * slower) for key, count in self.left.items())

    def show(self, text: str, key: Hashable) -> None:
        """Say what runs now."""
        if self.terminal or self.last != (text, key):
            left_s = self.left_s()
            line = "%s: about %d:%02d left" % (text, left_s // 60, left_s % 60)
            sys.stderr.write("\r\033[K" + line if self.terminal else line + "\n")
            sys.stderr.flush()
        self.last = (text, key)

    def done(self, key: Hashable, seconds: float) -> None:
        """Count a run of a row."""
        self.taken_s[key].append(seconds)
        self.left[key] -= 1

    def forget(self, key: Hashable, count: int) -> None:
        """Take runs that will not happen off the estimate."""
        self.left[key] -= count

    def say(self, text: str) -> None:
        """Write a line that stays."""
        sys.stderr.write(("\r\033[K" if self.terminal else "") + text + "\n")

    def end(self) -> None:
        """Remove the line."""
        if self.terminal:
            sys.stderr.write("\r\033[K")

"""The screen of `tidepool top`: curses. Whatever ends it, the terminal is as it was before."""

import curses
import locale
import signal
import time
from typing import Any

from ..stats.live_file import LiveFile, NotLive, Sample, is_running
from .view import View, head_line, title_line, total_line

KEYS = {"s": "size", "g": "gets", "h": "hit", "p": "puts", "m": "held"}
HELP = "q quit  space pause  sort: s size g gets h hit p puts m held  r turn round"
STALE_TICKS = 3  # without news before a process counts as idle
WAIT_MS = 100
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """A signal that ends the program came."""


def stop(number: int, _frame: object) -> None:
    """A signal's handler: leave through the places that put the terminal right."""
    raise Stopped(number)


class Screen:
    """A live file on a terminal."""

    def __init__(self, window: Any, file: LiveFile, interval_s: float) -> None:
        self.window, self.file, self.interval_s = window, file, interval_s
        self.sorted_by, self.reverse, self.paused, self.first_row = "gets", False, False, 0
        self.before: Sample | None = None
        self.now = file.read()
        self.ended = ""
        self.drawn_s = 0.0
        if curses.tigetstr("civis"):
            curses.curs_set(0)
        self.styles = self.choose_styles()
        window.timeout(WAIT_MS)

    @staticmethod
    def choose_styles() -> tuple[int, int, int]:
        """(of the head, of a low hit rate, of what is not pooled): with colours only where there are some."""
        if not curses.has_colors():
            return curses.A_REVERSE, curses.A_BOLD, curses.A_DIM
        curses.use_default_colors()
        curses.init_pair(1, curses.COLOR_YELLOW, -1)
        return curses.A_REVERSE, curses.color_pair(1), curses.A_DIM

    def refresh(self) -> None:
        """Take a new sample, if there is one."""
        if self.ended or self.paused:
            return
        try:
            if self.file.has_ended():
                self.reopen()
                return
            sample = self.file.read()
        except (NotLive, OSError) as error:
            self.ended = f"no more news: {error}"
            return
        if sample.at_ns != self.now.at_ns:
            self.before, self.now = self.now, sample

    def reopen(self) -> None:
        """The process is gone, or has become another program that has the same name for its file."""
        try:
            file: LiveFile | None = LiveFile(self.file.path)
        except NotLive:
            file = None
        if file is None or file.has_ended() or file.pid != self.file.pid:
            self.ended = "it shares no more" if is_running(self.file.pid) else "the process has ended"
            return
        self.file.close()
        self.file, self.before, self.now = file, None, file.read()

    def note(self) -> str:
        """What is to be said beside the process's name."""
        if self.ended:
            return f"[{self.ended}]"
        if self.paused:
            return "[paused]"
        age_s = self.file.age_s(self.now)
        return f"[no news for {age_s:.0f} s]" if age_s > STALE_TICKS * self.file.tick_ns / 1e9 else ""

    def put(self, line: int, text: str, style: int = curses.A_NORMAL) -> None:
        """Write a line, cut at the screen's width."""
        height, width = self.window.getmaxyx()
        if 0 <= line < height and width > 1:
            self.window.addnstr(line, 0, text.ljust(width - 1), width - 1, style)

    def draw(self) -> None:
        """Draw everything anew."""
        head, low, dim = self.styles
        note = self.note()
        # Of a process that stands still nothing happens any more, whatever the last two samples say.
        view = View(self.now if note and not self.paused else self.before, self.now)
        rows = view.ordered(self.sorted_by, self.reverse)
        height = self.window.getmaxyx()[0]
        room = max(0, height - 5)
        self.first_row = max(0, min(self.first_row, len(rows) - room))
        self.window.erase()
        self.put(0, title_line(self.file, self.now, note), curses.A_BOLD)
        self.put(1, total_line(view))
        self.put(2, head_line(self.sorted_by), head)
        self.put(3, view.total.line("all"), curses.A_BOLD)
        for line, row in enumerate(rows[self.first_row:self.first_row + room], 4):
            misses = row.pooled > 0 and row.hits < 0.9 * row.pooled
            self.put(line, row.line(str(row.size)), low if misses else curses.A_NORMAL if row.admitted else dim)
        self.put(height - 1, HELP, head)
        self.window.refresh()
        self.drawn_s = time.monotonic()

    def obey(self, key: int) -> bool:
        """Do what a key says. Returns False for the end."""
        if key in (ord("q"), ord("Q")):
            return False
        if 0 < key < 128 and chr(key) in KEYS:
            self.sorted_by = KEYS[chr(key)]
        elif key == ord("r"):
            self.reverse = not self.reverse
        elif key == ord(" "):
            self.paused = not self.paused
        elif key in (curses.KEY_DOWN, curses.KEY_UP):
            self.first_row += 1 if key == curses.KEY_DOWN else -1
        return True

    def run(self) -> None:
        """Show and obey until it is enough."""
        self.draw()
        while True:
            key = self.window.getch()
            if key != curses.ERR and not self.obey(key):
                return
            due = time.monotonic() - self.drawn_s >= self.interval_s
            if due:
                self.refresh()
            if due or key != curses.ERR:
                self.draw()


def show(file: LiveFile, interval_s: float) -> int:
    """Show a live file until the user has seen enough. Returns the exit status."""
    locale.setlocale(locale.LC_ALL, "")
    for number in ENDING:
        signal.signal(number, stop)
    try:
        curses.wrapper(lambda window: Screen(window, file, interval_s).run())
    except Stopped as stopped:
        return 128 + int(stopped.args[0])
    return 0

"""What `tidepool top` shows, as plain lines: rates between two samples of a live file, a row for each class."""

from ..base.figures import printable, short_text
from ..stats.dump import Row as Counters, hits, pooled
from ..stats.live_file import LiveFile, Sample
from ..stats.sums import added

NAME_LIMIT = 24

# (head, width, the key it is sorted by or None)
COLUMNS = (("size", 8, "size"), ("gets/s", 9, "gets"), ("hit %", 7, "hit"), ("local", 6, None), ("ovfl", 6, None),
           ("stol", 6, None), ("vict", 6, None), ("slab", 6, None), ("puts/s", 9, "puts"), ("held", 9, "held"),
           ("pool", 6, None))

SERVED = ("hits.local", "hits.overflow", "hits.stolen", "hits.victim", "from_slab")


def shown(text: str) -> str:
    """A foreign name as the screen has room for it."""
    return printable(text)[:NAME_LIMIT]


def short_bytes(number: float) -> str:
    """512B, 12.8K, 2.11M"""
    return short_text(number, "", 1024, ("B", "K", "M", "G"))


def short(number: float) -> str:
    """982, 12.8k, 2.11M"""
    return short_text(number, "")


def part(some: float, whole: float) -> str:
    """A share in percent."""
    return f"{100 * some / whole:.1f}" if whole > 0 else "-"


class Row:
    """One class, or all of them: what happened in a span of time, and what is held at its end."""

    def __init__(self, size: int, before: Counters, now: Counters, seconds: float) -> None:
        # Counters may step back by a batch that is under way.
        self.count = {name: max(0, value - before.get(name, 0)) for name, value in now.items()}
        self.size, self.rate = size, 1 / seconds if seconds > 0 else 0
        self.hits, self.pooled, self.held_bytes = hits(self.count), pooled(self.count), now["held_bytes"]
        self.admitted = bool(now["admitted"])
        self.ever = now["gets"] + now["puts"] + now["held_objects"]

    def key(self, name: str) -> float:
        """What the row is sorted by."""
        keys = {"size": self.size, "gets": self.count["gets"], "puts": self.count["puts"], "held": self.held_bytes,
                "hit": self.hits / self.pooled if self.pooled > 0 else -1}
        return keys[name]

    def line(self, label: str) -> str:
        """The row as text."""
        count = self.count
        cells = [label, short(count["gets"] * self.rate), part(self.hits, self.pooled),
                 *(part(count[name], count["gets"]) for name in SERVED), short(count["puts"] * self.rate),
                 short_bytes(self.held_bytes), "" if label == "all" else "yes" if self.admitted else "no"]
        return "".join(cell.rjust(width) for cell, (_, width, _) in zip(cells, COLUMNS))


class View:
    """The rows between two samples; `before` None: since the process began."""

    def __init__(self, before: Sample | None, now: Sample) -> None:
        self.seconds = (now.at_ns - (before.at_ns if before else 0)) / 1e9
        self.now = now
        old = before.classes if before else {}
        rows = [Row(size, old.get(size, {}), row, self.seconds) for size, row in now.classes.items()]
        self.rows = [row for row in rows if row.ever]
        self.total = Row(0, added(old.values()), added(now.classes.values()), self.seconds)

    def ordered(self, key: str, reverse: bool) -> list[Row]:
        """The rows by falling `key` (sizes by rising), or the other way round."""
        rows = sorted(self.rows, key=lambda row: row.size)
        return sorted(rows, key=lambda row: row.key(key), reverse=(key != "size") != reverse)


def head_line(sorted_by: str) -> str:
    """The names of the columns; the one that they are sorted by is marked."""
    return "".join((f"*{head}" if key == sorted_by else head).rjust(width) for head, width, key in COLUMNS)


def title_line(file: LiveFile, sample: Sample, note: str) -> str:
    """Which process this is."""
    words = [shown(file.program), f"pid {file.pid}", f"up {sample.at_ns / 1e9:.1f} s", note,
             f"tick {file.tick_ns / 1e9:g} s", f"Tidepool {shown(file.version)}"]
    return "  ".join(word for word in words if word)


def total_line(view: View) -> str:
    """What the process does as a whole."""
    process = view.now.process
    total = view.total
    words = [f"gets {short(total.count['gets'] * total.rate)}/s", f"puts {short(total.count['puts'] * total.rate)}/s",
             f"hit % {part(total.hits, total.pooled)}", f"held {short_bytes(total.held_bytes)}",
             f"turns {process.get('turns', 0)}", f"returned {short_bytes(process.get('returned_bytes', 0))}"]
    return "   ".join(words)

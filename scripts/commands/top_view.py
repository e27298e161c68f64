"""What `tidepool top` shows, as plain lines: rates between two samples of a live file, a row for each class."""

from .dumps import HITS
from .plain import printable

NAME_LIMIT = 24

# (head, width, the key it is sorted by or None)
COLUMNS = (("size", 8, "size"), ("gets/s", 9, "gets"), ("hit %", 7, "hit"), ("local", 6, None), ("ovfl", 6, None),
           ("stol", 6, None), ("vict", 6, None), ("slab", 6, None), ("puts/s", 9, "puts"), ("held", 9, "held"),
           ("pool", 6, None))


def shown(text):
    """A foreign name as the screen has room for it."""
    return printable(text)[:NAME_LIMIT]


def short(number):
    """982, 12.8k, 2.11M"""
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= factor * 0.9995:
            return f"{number / factor:.3g}{unit}" if number < factor * 999.5 else f"{number / factor:.0f}{unit}"
    return f"{number:.0f}"


def short_bytes(number):
    """512B, 12.8K, 2.11M"""
    for unit, factor in (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)):
        if number >= factor * 0.9995:
            return f"{number / factor:.3g}{unit}" if number < factor * 999.5 else f"{number / factor:.0f}{unit}"
    return f"{number:.0f}B"


def part(some, whole):
    """A share in percent."""
    return f"{100 * some / whole:.1f}" if whole > 0 else "-"


class Row:
    """One class, or all of them: what happened in a span of time, and what is held at its end."""

    def __init__(self, size, before, now, seconds):
        def grown(name):
            # Counters may step back by a batch that is under way.
            return max(0, now.get(name, 0) - before.get(name, 0))

        self.size = size
        self.rate = 1 / seconds if seconds > 0 else 0
        self.count = {name: grown(name) for name in (*HITS, "gets", "from_slab", "puts", "unpooled")}
        self.held_bytes = now.get("held_bytes", 0)
        self.held_objects = now.get("held_objects", 0)
        self.admitted = bool(now.get("admitted", 1))
        self.ever = now.get("gets", 0) + now.get("puts", 0) + self.held_objects

    @property
    def hits(self):
        return sum(self.count[name] for name in HITS)

    @property
    def pooled(self):
        return self.count["gets"] - self.count["unpooled"]

    def key(self, name):
        """What the row is sorted by."""
        keys = {"size": self.size, "gets": self.count["gets"], "puts": self.count["puts"], "held": self.held_bytes,
                "hit": self.hits / self.pooled if self.pooled > 0 else -1}
        return keys[name]

    def line(self, label):
        """The row as text."""
        count = self.count
        cells = [label, short(count["gets"] * self.rate), part(self.hits, self.pooled),
                 *(part(count[name], count["gets"]) for name in (*HITS, "from_slab")), short(count["puts"] * self.rate),
                 short_bytes(self.held_bytes), "" if label == "all" else "yes" if self.admitted else "no"]
        return "".join(cell.rjust(width) for cell, (_, width, _) in zip(cells, COLUMNS))


class View:
    """The rows between two samples; `before` None: since the process began."""

    def __init__(self, before, now):
        self.seconds = (now.at_ns - (before.at_ns if before else 0)) / 1e9
        self.now = now
        old = before.classes if before else {}
        self.rows = [Row(size, old.get(size, {}), row, self.seconds) for size, row in now.classes.items()]
        self.rows = [row for row in self.rows if row.ever]
        self.total = Row(0, self.sums(old), self.sums(now.classes), self.seconds)

    @staticmethod
    def sums(classes):
        """All classes' counters as one."""
        names = {name for row in classes.values() for name in row}
        return {name: sum(row[name] for row in classes.values()) for name in names}

    def ordered(self, key, reverse):
        """The rows by falling `key` (sizes by rising), or the other way round."""
        rows = sorted(self.rows, key=lambda row: row.size)
        return sorted(rows, key=lambda row: row.key(key), reverse=(key != "size") != reverse)


def head_line(sorted_by):
    """The names of the columns; the one that they are sorted by is marked."""
    return "".join((f"*{head}" if key == sorted_by else head).rjust(width) for head, width, key in COLUMNS)


def title_line(file, sample, note):
    """Which process this is."""
    words = [shown(file.program), f"pid {file.pid}", f"up {sample.at_ns / 1e9:.1f} s", note,
             f"tick {file.tick_ns / 1e9:g} s", f"Tidepool {shown(file.version)}"]
    return "  ".join(word for word in words if word)


def total_line(view):
    """What the process does as a whole."""
    process = view.now.process
    total = view.total
    words = [f"gets {short(total.count['gets'] * total.rate)}/s", f"puts {short(total.count['puts'] * total.rate)}/s",
             f"hit % {part(total.hits, total.pooled)}", f"held {short_bytes(total.held_bytes)}",
             f"turns {process.get('turns', 0)}", f"returned {short_bytes(process.get('returned_bytes', 0))}"]
    return "   ".join(words)

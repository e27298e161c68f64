"""The sections about what `tidepool compare` has measured: the file of its --json, whatever may be missing from one."""

import shlex
import statistics
from collections.abc import Callable
from typing import Any

from ..base.figures import bytes_text, change_text, count_text, plural, seconds_text
from ..measure.samples import SIGNIFICANT
from ..stats.dump import Fields
from . import chart
from .page import Group, Page
from .parts import parts, text

# What is drawn, and what it says; the table has everything.
DRAWN = {
    "wall_s": "How long the command took, from its start to its end",
    "cpu_s": "Time on CPUs, of the program and of the kernel for it",
    "peak_rss_bytes": "The most memory that was resident at once",
    "minor_faults": "How often the kernel had to provide a page",
    "backend_requests": "Requests that no pool served and that went on to the allocator behind",
}
WRITERS: dict[str, Callable[..., str]] = {"count": count_text, "bytes": bytes_text, "seconds": seconds_text}


class Measured:
    """A measure: its name, how its figures are written, and for each column its samples, one a round, and its p."""

    def __init__(self, data: Fields, measure: Fields) -> None:
        self.key, self.label = measure.text("key"), measure.text("label").strip() or "?"
        self.write = WRITERS.get(measure.text("unit"), count_text)
        self.columns = data.inners("columns", True)
        self.names = [column.text("name") or "?" for column in self.columns]
        samples = data.inners("samples", True)
        self.samples = [[sample.number(self.key) for sample in samples if self.key in sample.raw
                         and sample.text("column") == column.text("name")] for column in self.columns]
        self.medians = [statistics.median(each) if each else None for each in self.samples]
        self.chances = [data.inner("summary").inner(name).inner(self.key).number("p") for name in self.names]

    def change(self, median: float, chance: float) -> str:
        """How a median differs from the first column's."""
        first = self.medians[0]
        if first is None or median == first:
            return ""
        return change_text(first, median) + (", may be chance" if chance > SIGNIFICANT else "")

    def add_strips(self, group: Group) -> None:
        """Every run as a dot."""
        rows = [(parts.foreign(name), each, median)
                for name, each, median in zip(self.names, self.samples, self.medians)]
        group.section(self.label[:1].upper() + self.label[1:],
                      f"{DRAWN[self.key]}. A dot is a run, the mark their median; less is better.",
                      parts.classed("names", chart.strips(self.label, rows, self.write)))

    def cells(self) -> list[Any]:
        """The row of the table: medians, and how they differ from the first column's."""
        return [parts.foreign(self.label), *(
            "-" if median is None else parts.noted(self.write(median), self.change(median, chance))
            for median, chance in zip(self.medians, self.chances))]


def add(page: Page, raw: dict[str, Any]) -> None:
    """Dots for the figures that matter, a table of all."""
    data = Fields(raw, strict=False)
    command = raw.get("command")
    words = shlex.join(map(str, command)) if isinstance(command, list) else data.text("command")
    rounds = int(data.number("rounds_measured"))
    group = page.group("Comparison", parts.paragraph(text(
        "The command {}, run {} in each way, the ways taking turns.", parts.code(words or "?"),
        "once" if rounds == 1 else f"{rounds} times")))
    ended = [sample for sample in data.inners("samples") if sample.raw.get("status") not in (0, None)]
    if ended:
        group.parts.append(parts.paragraph(f"{plural(len(ended), 'run')} did not end with status 0."))
    measures = [Measured(data, measure) for measure in data.inners("measures", True)]
    measures = [measure for measure in measures if any(measure.samples)]
    for key in DRAWN:
        for measure in measures:
            if measure.key == key:
                measure.add_strips(group)
    if measures:
        notes = raw.get("notes")
        group.section(
            "All measures",
            "Medians over the rounds; below them the change from the first column, and whether so large "
            f"a difference may be chance (more than {SIGNIFICANT:.0%} likely where nothing differs, by Mann and "
            "Whitney's test, which tells little from few rounds).",
            parts.table("All measures", ("", *map(parts.foreign, measures[0].names)),
                        [measure.cells() for measure in measures]),
            *(parts.paragraph(parts.foreign(note)) for note in (notes if isinstance(notes, list) else [])
              if isinstance(note, str)))

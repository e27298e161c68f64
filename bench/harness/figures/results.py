"""The figures of every run, what is computed from them, and the JSON file that holds them.

A ratio is taken within a round, in which both were measured seconds apart, and is the median of those; so it may
differ a little from the quotient of two medians.
"""

import json
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from harness.field.allocators import TIDEPOOL
from harness.field.peers import PEERS
from harness.figures.numbers import Ratios
from harness.processes.output import Figures

Row = int | str | None  # a size, a number of threads, a name; None: the program's only row

PLACE = ("program", "row", "allocator", "round", "position")


class Results:
    """Figures by program, row, allocator and round; rounds without a result are left out."""

    def __init__(self, about: dict[str, Any]) -> None:
        """about: what else the JSON file holds: the machine, the options, the allocators, the failures."""
        self.about = about
        self.runs: list[dict[str, Any]] = []
        self._cells: dict[tuple[str, Row, str], dict[int, Figures]] = {}

    def add(self, program: str, row: Row, allocator: str, round_number: int, position: int, figures: Figures) -> None:
        """Take one run's figures; program and allocator by name."""
        self.runs.append({**dict(zip(PLACE, (program, row, allocator, round_number, position))), **figures})
        self._cells.setdefault((program, row, allocator), {})[round_number] = figures

    def rows(self, program: str) -> list[Any]:
        """Return the rows that were run, in the order they were."""
        return list(dict.fromkeys(run["row"] for run in self.runs if run["program"] == program))

    def names(self, program: str) -> list[str]:
        """Return the allocators that have a figure in this program, in column order."""
        ran = {run["allocator"] for run in self.runs if run["program"] == program}
        return [name for name in self.about["allocators"] if name in ran]

    def values(self, program: str, row: Row, name: str, key: str) -> dict[int, float]:
        """Return {round: figure}."""
        cells = self._cells.get((program, row, name), {})
        return {when: figures[key] for when, figures in cells.items() if key in figures}

    def median(self, program: str, row: Row, name: str, key: str) -> float | None:
        """Return the median over the rounds, or None."""
        values = self.values(program, row, name, key)
        return statistics.median(values.values()) if values else None

    def ratios(self, program: str, row: Row, name: str, other: str | None, key: str) -> Ratios | None:
        """Return (median, lowest, highest) of name's figure over other's in the same round, or None."""
        above, below = self.values(program, row, name, key), self.values(program, row, other or "", key)
        quotients = [above[when] / below[when] for when in above if below.get(when)]
        return (statistics.median(quotients), min(quotients), max(quotients)) if quotients else None

    def lowest(self, program: str, row: Row, key: str, names: Iterable[str]) -> str | None:
        """Return which of some allocators has the lowest median, or None."""
        medians = [(self.median(program, row, name, key), name) for name in names]
        return min(((median, name) for median, name in medians if median is not None), default=(0, None))[1]

    def best_peer(self, program: str, row: Row, key: str) -> str | None:
        """Return the name of the peer with the lowest median, or None."""
        return self.lowest(program, row, key, PEERS)

    def best_other(self, program: str, row: Row, key: str, name: str) -> str | None:
        """Return the name with the lowest median among the peers and Tidepool, `name` itself left out, or None."""
        return self.lowest(program, row, key, [one for one in (*PEERS, TIDEPOOL) if one != name])

    def mean(self, rows: Sequence[tuple[str, Row]], name: str, key: str, other: str | None) -> tuple[float | None, int]:
        """Return (mean of the ratios of rows, as (program, row); how many had one). other: None for each row's best."""
        return geometric_mean([self.ratios(*row, name, other or self.best_other(*row, key, name), key) for row in rows])

    def write(self, path: str) -> None:
        """Write the JSON file."""
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**self.about, "runs": self.runs}, file, indent=1)
            file.write("\n")


def geometric_mean(found: Iterable[Ratios | None]) -> tuple[float | None, int]:
    """Return (the mean of the medians of ratios, how many there were); those that are None or 0 are left out."""
    medians = [ratios[0] for ratios in found if ratios and ratios[0] > 0]
    return (statistics.geometric_mean(medians), len(medians)) if medians else (None, 0)


def read(path: str) -> Results:
    """Return the Results of a file that write() made; raises ValueError if it is none."""
    with open(path, encoding="utf-8") as file:
        about = json.load(file)
    try:
        results, runs = Results(about), about.pop("runs")
        for run in runs:
            figures = {key: value for key, value in run.items() if key not in PLACE}
            results.add(run["program"], run["row"], run["allocator"], run["round"], run["position"], figures)
        about["allocators"], about["programs"]
    except (AttributeError, KeyError, TypeError):
        raise ValueError("not a file that bench/run wrote") from None
    return results

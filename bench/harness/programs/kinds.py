"""The kinds of programs that time themselves, and how each is started.

Program: a loop over sizes. StartupProgram, HeapProgram: one row each. CasesProgram: a program in several cases, with
many figures each.
"""

import os
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence

from harness.field import places
from harness.field.allocators import NULL, Allocator
from harness.figures.numbers import size_label
from harness.figures.results import Row
from harness.processes.output import Figures, numbers_in
from harness.programs.effort import Effort

Command = tuple[list[str], dict[str, str]]  # the words, the environment
Case = tuple[Sequence[object], Mapping[str, str]]  # arguments, environment
Titles = tuple[tuple[str, str], ...]  # (key of a figure, what it is)


class Program:
    """One benchmark program, and one table of the report."""

    by_default = True  # whether it runs without being named
    prints_sum = False  # whether it prints a sum that is the same under every allocator
    laps_max = 1  # in each round, of a row that is over soon
    measures_itself = False  # whether it runs launch/child itself, around what is to be measured

    def __init__(self, name: str, title: str, key: str, unit: str, rows: Sequence[Row], relative: str | None,
                 with_null: bool = True, extras: Titles = ()) -> None:
        """key: the figure that the table is about; unit: what that figure is.

        rows: its rows (None: the only one). relative: what ratios are to, "null", "glibc" or "peer" (the best).
        with_null: whether the null allocator can run it. extras: further figures worth rows of their own.
        """
        self.name, self.title, self.key, self.unit = name, title, key, unit
        self.rows, self.relative, self.with_null, self.extras = tuple(rows), relative, with_null, extras

    def row_label(self, row: Row) -> str:
        return size_label(row) if isinstance(row, int) else row or ""

    def label(self, row: Row) -> str:
        return ("%s %s" % (self.name, self.row_label(row))).strip()

    def row_names(self) -> tuple[str, ...]:
        """Return the rows that can be chosen by name."""
        return ()

    def choose_sizes(self, sizes: Sequence[int]) -> None:
        """Keep only the rows of these sizes."""
        self.rows = tuple(row for row in self.rows if row in sizes)

    def missing(self) -> dict[Row, str]:
        """Return {row: what it needs}, of the rows that cannot run here."""
        return {}

    def needed(self) -> list[str]:
        """Return the files below build/bench that it runs."""
        return ["micro/" + self.name]

    def runs_under(self, allocator: Allocator) -> bool:
        return not allocator.guides_only and (self.with_null or allocator.name != NULL)

    def binary(self, effort: Effort) -> str:
        return places.program(effort.build, "micro/" + self.name)

    def command(self, row: Row, allocator: Allocator, effort: Effort) -> Command:
        """Return (argv, environment) of one run."""
        return [self.binary(effort), str(row), str(effort.seconds), str(effort.warmup)], allocator.environment()

    def read(self, output: str, _folder: str) -> Figures:
        """Return the figures that a run printed, or left in its folder; raises ValueError."""
        return numbers_in(output)

    def read_more(self, _allocator: Allocator, _peak_kib: Callable[[list[str], dict[str, str]], float]) -> Figures:
        """Return figures that take further runs; peak_kib(argv, environment) is the peak memory of one."""
        return {}

    def planned_s(self, _row: Row, effort: Effort) -> float:
        """Guess how long one run takes, for the first estimate of the time left."""
        return effort.seconds + effort.warmup + 0.02


class HeapProgram(Program):
    """Python, building a heap that only grows: an object a malloc."""

    script = os.path.join(places.BENCH, "micro", "heap_growth.py")

    def choose_sizes(self, sizes: Sequence[int]) -> None:
        """It has no sizes."""

    def needed(self) -> list[str]:
        return []

    def command(self, row: Row, allocator: Allocator, effort: Effort) -> Command:
        environment = {**allocator.environment(), "PYTHONMALLOC": "malloc", "PYTHONHASHSEED": "0"}
        # The real interpreter: sys.executable's name may be a wrapper script.
        return [os.path.realpath(sys.executable), self.script, str(effort.records)], environment

    def planned_s(self, _row: Row, effort: Effort) -> float:
        return 0.1 + effort.records * 5e-6


class StartupProgram(Program):
    """A program that starts another many times, bare and with a preload."""

    def choose_sizes(self, sizes: Sequence[int]) -> None:
        """It has no sizes."""

    def command(self, _row: Row, allocator: Allocator, effort: Effort) -> Command:
        environment = allocator.environment()
        environment.pop("BENCH_PRELOAD", None)  # it preloads into what it starts, not into itself
        return [self.binary(effort), str(effort.starts)] + ([allocator.path] if allocator.path else []), environment

    def read_more(self, allocator: Allocator, peak_kib: Callable[[list[str], dict[str, str]], float]) -> Figures:
        bare = allocator.environment()
        bare.pop("BENCH_PRELOAD", None)
        added = [peak_kib(["/bin/true"], allocator.environment()) - peak_kib(["/bin/true"], bare) for _ in range(5)]
        return {"added_memory_kib": statistics.median(added)}

    def planned_s(self, _row: Row, effort: Effort) -> float:
        return effort.starts * 2e-3


class CasesProgram(Program):
    """A program that is run in several cases, with figures that each want a row; run only when named."""

    by_default = False

    def __init__(self, name: str, title: str, unit: str, cases: Mapping[str, Case], figures: Titles, case_s: float,
                 tidepool_only: bool = False) -> None:
        """cases: {label: (arguments, environment)}; an argument that is callable is given the effort of the run.

        figures: the rows. tidepool_only: whether it is about Tidepool alone; else about all but the null allocator.
        """
        super().__init__(name, title, figures[0][0], unit, tuple(cases), None, with_null=False)
        self.cases, self.figures, self.case_s, self.tidepool_only = cases, figures, case_s, tidepool_only

    def choose_sizes(self, sizes: Sequence[int]) -> None:
        """Its rows are no sizes."""

    def runs_under(self, allocator: Allocator) -> bool:
        return allocator.is_tidepool if self.tidepool_only else super().runs_under(allocator)

    def command(self, row: Row, allocator: Allocator, effort: Effort) -> Command:
        arguments, environment = self.cases[str(row)]
        words = [str(argument(effort) if callable(argument) else argument) for argument in arguments]
        return [self.binary(effort), *words], {**allocator.environment(), **environment}

    def planned_s(self, _row: Row, _effort: Effort) -> float:
        return self.case_s

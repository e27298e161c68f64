"""The kinds of programs with a fixed amount of work, timed from outside, one row each."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence

from harness.field import places
from harness.field.allocators import Allocator
from harness.figures.results import Row
from harness.programs.effort import Effort
from harness.programs.kinds import Command, Program, Titles


class SuiteProgram(Program):
    """Patterns of the literature: wall time, CPU time and peak memory."""

    prints_sum = True
    laps_max = 5

    # A table each.
    figures: Titles = (("seconds", "seconds"), ("cpu_s", "CPU seconds, of all its processes"),
                       ("peak_mib", "peak resident MiB, of its largest process"))

    def __init__(self, name: str, title: str, cases: Mapping[Row, Sequence[str]], by_default: bool = True) -> None:
        """cases: {row: (program with its arguments, the same in a quick run)}"""
        super().__init__(name, title, "seconds", "a table for each figure", tuple(cases), None, with_null=False)
        self.cases, self.by_default = cases, by_default

    def row_names(self) -> tuple[str, ...]:
        return tuple(map(str, self.rows))

    def choose_sizes(self, sizes: Sequence[int]) -> None:
        """Its rows are no sizes."""

    def words(self, row: Row, effort: Effort) -> list[str]:
        return self.cases[row][effort.quick].split()

    def needed(self) -> list[str]:
        return sorted({"suite/" + self.cases[row][0].split()[0] for row in self.rows})

    def command(self, row: Row, allocator: Allocator, effort: Effort) -> Command:
        program, *arguments = self.words(row, effort)
        return [places.program(effort.build, "suite/" + program), *arguments], allocator.environment()

    def planned_s(self, _row: Row, effort: Effort) -> float:
        return 0.2 if effort.quick else 1


class RealProgram(SuiteProgram):
    """Programs of the distribution, each in a script that prepares, measures and checks.

    cases: {row: (the script's argument, the same in a quick run, the command it needs)}
    """

    measures_itself = True

    def missing(self) -> dict[Row, str]:
        """Return {row: the command that is not installed}, of the rows whose command is not."""
        return {row: command for row, (_, _, command) in self.cases.items() if shutil.which(command) is None}

    def needed(self) -> list[str]:
        return []

    def command(self, row: Row, allocator: Allocator, effort: Effort) -> Command:
        environment = {**allocator.environment(), "BENCH_WORK": places.program(effort.build, "real"),
                       "BENCH_PYTHON": os.path.realpath(sys.executable)}
        script = os.path.join(places.BENCH, "suite", "real", "%s.sh" % row)
        return ["/bin/sh", script, *self.words(row, effort)], environment

    def planned_s(self, _row: Row, effort: Effort) -> float:
        return 0.7 if effort.quick else 2


class ScalingProgram(SuiteProgram):
    """One program of the suite with more and more threads, each of which does as much."""

    figures = (*SuiteProgram.figures, ("million_per_s", "million operations per second (more is better)"))

    def row_label(self, row: Row) -> str:
        return "%s thread%s" % (row, "" if row == 1 else "s")

    def row_names(self) -> tuple[str, ...]:
        return ()

    def planned_s(self, row: Row, effort: Effort) -> float:
        return super().planned_s(row, effort) * max(1, int(row or 1) / 20)

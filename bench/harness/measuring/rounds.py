"""Every program under every allocator, round by round.

Every round runs every program once under every allocator, one after the other row by row, so that what
disturbs the machine for a while disturbs them all; who is first changes from row to row and round to round.
A row of the suite that is over soon is run several laps in each round, as a short run is disturbed more.
"""

import statistics
import time
from collections.abc import Sequence

from harness.field.allocators import Allocator
from harness.field.peers import GLIBC
from harness.figures.results import Results, Row
from harness.measuring import one_run
from harness.measuring.progress import Progress
from harness.processes.process import Failure
from harness.programs.effort import Effort
from harness.programs.kinds import Program

LAPS_S = 1.0  # a row's laps of a round take about so long, under the allocator in the middle

Key = tuple[str, Row]  # of a row, with its program's name


def reference_sums(table: Sequence[tuple[Program, Row]], effort: Effort, progress: Progress) -> dict[Key, str | None]:
    """Run once under glibc each row that prints a sum; return the sums of those that did not fail.

    So no allocator that is measured is held against another that may be wrong, and files are read from disk before.
    """
    sums: dict[Key, str | None] = {}
    for program, row in table:
        if not program.prints_sum:
            continue
        key = (program.name, row)
        progress.show("reference, %s" % program.label(row), key)
        try:
            sums[key] = one_run.run(program, row, Allocator(GLIBC, None), effort)[1]
        except Failure as failure:
            progress.say("bench/run: %s has no reference: it %s" % (program.label(row), failure))
        progress.forget(key, 1)
    return sums


def laps_of(program: Program, row: Row, results: Results, effort: Effort) -> int:
    """Return how often a row is run in each round, by its first lap: one that is over soon more often."""
    if effort.quick or program.laps_max == 1:
        return 1
    taken = [seconds for name in results.names(program.name)
             for seconds in results.values(program.name, row, name, "seconds").values()]
    return max(1, min(program.laps_max, round(LAPS_S / statistics.median(taken)))) if taken else 1


class Rounds:
    """The runs of some programs under some allocators."""

    def __init__(self, programs: Sequence[Program], allocators: Sequence[Allocator], effort: Effort, results: Results,
                 failures: list[dict[str, object]]) -> None:
        """results and failures take what comes of the runs."""
        self.effort, self.results, self.failures = effort, results, failures
        self.table = [(program, row) for program in programs for row in program.rows]
        self.takes_part = {program.name: [one for one in allocators if program.runs_under(one)] for program in programs}
        self.progress = Progress({(program.name, row): (
            program.planned_s(row, effort), effort.rounds * len(self.takes_part[program.name]) + program.prints_sum)
            for program, row in self.table})
        self.failed: set[tuple[Key, str]] = set()
        self.laps: dict[Key, int] = {}
        self.right: dict[Key, str | None] = {}

    def measure_all(self) -> None:
        """Run every round; a row that fails under an allocator is left out for it from then on."""
        self.right = reference_sums(self.table, self.effort, self.progress)
        for round_number in range(self.effort.rounds):
            shown = "round %d/%d" % (round_number + 1, self.effort.rounds)
            for row_number, (program, row) in enumerate(self.table):
                key = (program.name, row)
                if round_number == 0:
                    self.lap(program, row, 1, row_number, shown)
                    self.plan_laps(program, row)
                laps = self.laps[key]
                for number in range(round_number * laps or 1, (round_number + 1) * laps):
                    self.lap(program, row, number + 1, number + row_number, shown)
        self.progress.end()

    def plan_laps(self, program: Program, row: Row) -> None:
        """Decide by a row's first lap how many each round has."""
        key = (program.name, row)
        self.laps[key] = laps_of(program, row, self.results, self.effort)
        working = sum((key, allocator.name) not in self.failed for allocator in self.takes_part[program.name])
        self.progress.forget(key, -(self.laps[key] - 1) * self.effort.rounds * working)

    def lap(self, program: Program, row: Row, number: int, shift: int, shown: str) -> None:
        """Run a row once under every allocator, as the lap of that number of all of the row's."""
        runners = self.takes_part[program.name]
        shift %= max(len(runners), 1)
        for position, allocator in enumerate(runners[shift:] + runners[:shift]):
            if ((program.name, row), allocator.name) not in self.failed:
                self.progress.show("%s, %s" % (shown, program.label(row)), (program.name, row))
                self.run(program, row, allocator, number, position)

    def run(self, program: Program, row: Row, allocator: Allocator, number: int, position: int) -> None:
        """Run a row once under one allocator, and take its figures or its failure."""
        key = (program.name, row)
        start = time.monotonic()
        try:
            figures, checksum = one_run.run(program, row, allocator, self.effort)
            right = self.right.get(key)
            if right and checksum and checksum != right:  # Go prints none
                raise Failure("computed %s, not %s" % (checksum, right))
        except Failure as failure:
            self.failed.add((key, allocator.name))
            self.progress.forget(key, self.effort.rounds * self.laps.get(key, 1) - number + 1)
            self.failures.append({"allocator": allocator.name, "program": program.name, "row": row, "round": number,
                                  "what": str(failure)})
            self.progress.say("bench/run: %s: %s %s" % (allocator.name, program.label(row), failure))
            return
        self.results.add(program.name, row, allocator.name, number, position, figures)
        self.progress.done(key, time.monotonic() - start)

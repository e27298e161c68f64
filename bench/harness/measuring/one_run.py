"""One measurement: one program, run once under one allocator, to its end."""

import os
import tempfile
from collections.abc import Mapping, Sequence

from harness.field import places
from harness.field.allocators import FOLDER, Allocator
from harness.figures.results import Row
from harness.processes.output import Figures, add_derived, checksum_in, read_child
from harness.processes.process import Failure, run_to_end
from harness.programs.effort import Effort
from harness.programs.kinds import Program


def placed(environment: Mapping[str, str], folder: str) -> dict[str, str]:
    """Return an environment with the folder of the run in its place."""
    return {key: value.replace(FOLDER, folder) for key, value in environment.items()}


def peak_kib(child: str, argv: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a command to its end; return its peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        seen = os.path.join(folder, "figures")
        run_to_end([child, *argv], {**placed(environment, folder), "BENCH_FIGURES": seen})
        return read_child(seen)["peak_kib"]


def run(program: Program, row: Row, allocator: Allocator, effort: Effort) -> tuple[Figures, str | None]:
    """Run one process to its end; return (its figures, the sum of what it computed, if it prints one).

    What a program says about itself (its own time, its own peak) goes before what was seen from outside.
    Raises Failure.
    """
    with tempfile.TemporaryDirectory() as folder:
        argv, environment = program.command(row, allocator, effort)
        seen, child = os.path.join(folder, "figures"), places.program(effort.build, "launch/child")
        environment = {**placed(environment, folder), "BENCH_FIGURES": seen, "BENCH_CHILD": child,
                       "BENCH_FOLDER": folder}
        output = run_to_end(argv if program.measures_itself else [child, *argv], environment)
        try:
            figures = {**read_child(seen), **program.read(output, folder)}
            figures.update(program.read_more(allocator, lambda argv, beside: peak_kib(child, argv, beside)))
            add_derived(figures)
            figures[program.key]
        except (ValueError, KeyError):
            raise Failure("printed no figures: %r" % output[:80]) from None
    return figures, checksum_in(output)

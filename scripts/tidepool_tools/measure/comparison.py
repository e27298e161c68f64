"""The rounds of `tidepool compare`, and the samples they give.

Every round runs every column once, another one first each time, so that what disturbs the machine for a while
disturbs them all.
"""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..base import interrupts
from ..base.failure import OWN_FAILURE
from ..base.progress import Progress
from ..stats.dump import Dump
from ..stats.sums import add_up
from . import measures, samples, system_calls
from .command import Command, RunFailure
from .library import Library
from .process import shell_status, status_words
from .trial import run_counted

BARE, COUNTED, POOLED = "bare", "counted", "pooled"


@dataclass(frozen=True)
class Column:
    """One way to run the command: its name, what is preloaded or None, and the mode where that is Tidepool."""
    name: str
    preload: str | None = None
    mode: str | None = None


class Comparison:
    """The samples as they are taken."""

    def __init__(self, command: Command, columns: list[Column], arguments: Any) -> None:
        self.command, self.columns, self.arguments = command, columns, arguments
        self.samples: list[dict[str, Any]] = []
        self.failures: list[dict[str, str]] = []
        self.system_calls: dict[str, system_calls.Counts] = {}
        self.status, self.left_running = 0, False

    def fail(self, column: Column, what: str, where: str, status: int = OWN_FAILURE) -> None:
        """Remember a failure, for one line and the exit status."""
        self.failures.append({"column": column.name, "what": what, "where": where})
        self.status = self.status or status

    def is_quiet(self, round_number: int) -> bool:
        """Whether the command's output is kept back, unless it fails."""
        return round_number != 1 and not bool(self.arguments.output)

    def measure(self, column: Column, round_number: int, prefix: Sequence[str] = ()) -> dict[str, Any] | None:
        """Run once, in round 0 under a tracer. Returns the figures, None where there are none."""
        where = f"in round {round_number}" if round_number else "under the tracer"
        settings = {"MODE": column.mode} if column.mode else {}
        with tempfile.TemporaryFile() as said:
            stream = said if self.is_quiet(round_number) else None
            try:
                done, dumps = run_counted(self.command, column.preload, settings, stream, stream, prefix)
            except RunFailure as failure:
                interrupts.check()
                self.fail(column, str(failure), where)
                return None
            self.left_running |= done.is_left
            if done.status != 0:
                self.fail(column, f"it ended with {status_words(done.status)}", where, shell_status(done.status))
                said.seek(0)
                sys.stderr.buffer.write(said.read())
        return {"status": done.status, **done.figures, **self.counted(column, dumps)}

    @staticmethod
    def counted(column: Column, dumps: list[Dump]) -> dict[str, Any]:
        """The figures of a run by its dumps."""
        if not dumps:
            return {}
        figures_of = measures.counted if column.mode == "count" else measures.pooled
        seen: list[dict[str, Any]] = [{"program": dump.program, "pid": dump.pid, "peak_rss_bytes": dump.peak_rss_bytes,
                                       **figures_of(dump)} for dump in dumps]
        seen.sort(key=lambda process: (-process["requests"], process["pid"]))
        return {**figures_of(add_up(dumps)), "processes": len(dumps), "processes_seen": seen}

    def run_round(self, round_number: int, progress: Progress) -> None:
        """Run every column once, the first one a different one each round."""
        shift = (round_number - 1) % len(self.columns)
        taken = {}
        for column in self.columns[shift:] + self.columns[:shift]:
            with progress.run(f"round {round_number} of {self.arguments.rounds}, {column.name}",
                              self.is_quiet(round_number)):
                taken[column.name] = self.measure(column, round_number)
        counters = measures.MEASURES[:4]
        seen = taken[COUNTED] or {}
        for column in self.columns:
            figures = taken[column.name]
            if figures is None:
                continue
            # What nobody counts in the others is what the counted run of the same round counted.
            for measure in counters if column.mode is None else counters[1:2]:
                if measure.key in seen:
                    figures.setdefault(measure.key, seen[measure.key])
            self.samples.append({"round": round_number, "column": column.name, **figures})

    def trace(self) -> None:
        """One run of each column under a tracer, for its system calls."""
        for column in self.columns:
            prefix, read = system_calls.tracer(self.command.folder)
            if self.measure(column, 0, prefix) is None:
                continue
            calls = read()
            if calls is None:
                self.fail(column, "neither strace nor perf can count its system calls", "here", 0)
            else:
                self.system_calls[column.name] = calls

    def summary(self) -> dict[str, dict[str, Any]]:
        """Of each column and figure the median, the spread and the chance that it differs from the bare one's."""
        values: dict[str, dict[str, list[float]]] = {column.name: {} for column in self.columns}
        for sample in self.samples:
            for measure in measures.MEASURES:
                if measure.key in sample:
                    values[sample["column"]].setdefault(measure.key, []).append(sample[measure.key])
        return {name: {key: {**samples.summary(taken), "p": samples.chance_alike(values[BARE].get(key, []), taken)}
                       for key, taken in figures.items()} for name, figures in values.items()}

    def data(self, library: Library, started: str) -> dict[str, Any]:
        """All of it, as --json writes it and report/comparison_view.py takes it."""
        arguments = self.arguments
        return {
            "version": library.version(), "started": started, "command": self.command.words, "load": arguments.load,
            "ops": arguments.ops, "rounds": arguments.rounds, 
            "rounds_measured": max((sample["round"] for sample in self.samples), default=0),
            "kernel": platform.release(), "machine": platform.machine(), "cpus": len(os.sched_getaffinity(0)),
            "columns": [{"name": column.name, "preload": column.preload, "mode": column.mode}
                        for column in self.columns],
            "measures": [{"key": measure.key, "label": measure.label.strip(), "unit": measure.unit}
                         for measure in measures.MEASURES],
            "notes": [" ".join(note.split()) for note in measures.NOTES],
            "summary": self.summary(), "samples": self.samples, "system_calls": self.system_calls,
            "failures": self.failures,
        }

    def complain(self) -> Iterator[str]:
        """A line for each kind of failure, naming the columns."""
        for what in dict.fromkeys(failure["what"] for failure in self.failures):
            alike = [failure for failure in self.failures if failure["what"] == what]
            names = dict.fromkeys(failure["column"] for failure in alike)
            times = f", {len(alike)} times in all" if len(alike) > len(names) else ""
            yield f"{', '.join(names)}: {what}, {alike[0]['where']}{times}"
        with_library = {column.name for column in self.columns if column.mode}
        served = [sample for sample in self.samples if sample["column"] in with_library]
        if served and not any("processes" in sample for sample in served):
            yield "no statistics: is the command static or setuid, or did a signal end it?"
        if self.left_running:
            yield "the command left processes running, which are not counted"

"""The rounds of `tidepool compare`, and the samples they give.

Every round runs every column once, another one first each time, so that what disturbs the machine for a while
disturbs them all.
"""

import os
import platform
import shutil
import signal
import sys
import tempfile

from . import interrupts, launch, measures, samples, sums, system_calls
from .library import OWN_FAILURE, PREFIX

BARE, COUNTED, POOLED = "bare", "counted", "pooled"


class Column:
    """One way to run the command: its name, what is preloaded or None, and the mode where that is Tidepool."""

    def __init__(self, name, preload=None, mode=None):
        self.name, self.preload, self.mode = name, preload, mode

    def assignments(self, folder, load):
        """The variables that make it so; dumps go to `folder`."""
        variables = {"LD_PRELOAD": self.preload} if self.preload else {}
        if self.mode:
            variables.update({PREFIX + "MODE": self.mode, PREFIX + "STATS": "json",
                              PREFIX + "STATS_FILE": os.path.join(folder, "%p.json")})
            # A server that its signal ends without a handler writes no dump at its end.
            if load:
                variables[PREFIX + "STATS_SIGNAL"] = signal.Signals(load.signal_number).name
        return variables


class Comparison:
    """The samples as they are taken."""

    def __init__(self, command, columns, arguments):
        self.command, self.columns, self.arguments = command, columns, arguments
        self.samples, self.failures, self.system_calls = [], [], {}
        self.status, self.left_running = 0, False

    def fail(self, column, what, where, status=OWN_FAILURE):
        """Remember a failure, for one line and the exit status."""
        self.failures.append({"column": column.name, "what": what, "where": where})
        self.status = self.status or status

    def is_quiet(self, round_number):
        """Whether the command's output is kept back, unless it fails."""
        return round_number != 1 and not self.arguments.output

    def measure(self, column, round_number, prefix=()):
        """Run once, in round 0 under a tracer. Returns the figures, None where there are none."""
        where = f"in round {round_number}" if round_number else "under the tracer"
        stats = tempfile.mkdtemp(dir=self.command.folder)
        os.chmod(stats, 0o1733)  # a server may give up its rights before it writes
        quiet = self.is_quiet(round_number)
        with tempfile.TemporaryFile() as said:
            streams = (said, said) if quiet else (None, None)
            try:
                status, figures, left = launch.run(self.command, column.assignments(stats, self.command.load),
                                                  *streams, prefix)
            except launch.LaunchFailure as failure:
                interrupts.check()
                self.fail(column, str(failure), where)
                return None
            self.left_running |= left
            if status != 0:
                self.fail(column, f"it ended with {launch.status_words(status)}", where,
                          status if status > 0 else 128 - status)
                said.seek(0)
                sys.stderr.buffer.write(said.read())
        if column.mode:
            figures.update(self.read_counters(column, stats))
        shutil.rmtree(stats, ignore_errors=True)  # what was left running may still write
        return {"status": status, **figures}

    @staticmethod
    def read_counters(column, folder):
        """The figures of the dumps that the run wrote."""
        dumps = []
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                dumps += sums.read(file)[0]
        if not dumps:
            return {}
        figures_of = measures.counted if column.mode == "count" else measures.pooled
        seen = [{"program": dump["program"], "pid": dump["pid"], "peak_rss_bytes": dump["peak_rss_bytes"],
                 **figures_of(dump)} for dump in dumps]
        seen.sort(key=lambda process: (-process["requests"], process["pid"]))
        return {**figures_of(sums.add_up(dumps)), "processes": len(dumps), "processes_seen": seen}

    def run_round(self, round_number, progress):
        """Run every column once, the first one a different one each round."""
        shift = (round_number - 1) % len(self.columns)
        taken = {}
        for column in self.columns[shift:] + self.columns[:shift]:
            progress.begin(f"round {round_number} of {self.arguments.rounds}, {column.name}",
                           self.is_quiet(round_number))
            taken[column.name] = self.measure(column, round_number)
            progress.end_run()
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

    def trace(self):
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

    def rounds_measured(self):
        return max((sample["round"] for sample in self.samples), default=0)

    def summary(self):
        """Of each column and figure the median, the spread and the chance that it differs from the bare one's."""
        values = {column.name: {} for column in self.columns}
        for sample in self.samples:
            for measure in measures.MEASURES:
                if measure.key in sample:
                    values[sample["column"]].setdefault(measure.key, []).append(sample[measure.key])
        return {name: {key: {**samples.summary(taken), "p": samples.chance_alike(values[BARE].get(key, []), taken)}
                       for key, taken in figures.items()} for name, figures in values.items()}

    def data(self, library, started):
        """All of it, as --json writes it and commands/page.py takes it."""
        arguments = self.arguments
        return {
            "version": library.version(), "started": started, "command": self.command.words, "load": arguments.load,
            "ops": arguments.ops, "rounds": arguments.rounds, "rounds_measured": self.rounds_measured(),
            "kernel": platform.release(), "machine": platform.machine(), "cpus": len(os.sched_getaffinity(0)),
            "columns": [{"name": column.name, "preload": column.preload, "mode": column.mode}
                        for column in self.columns],
            "measures": [{"key": measure.key, "label": measure.label.strip(), "unit": measure.unit}
                         for measure in measures.MEASURES],
            "notes": [" ".join(note.split()) for note in measures.NOTES],
            "summary": self.summary(), "samples": self.samples, "system_calls": self.system_calls,
            "failures": self.failures,
        }

    def complain(self):
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

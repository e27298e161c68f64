"""The kinds of programs, and how each is started.

Program: a loop over sizes, which times itself. CasesProgram: a program in several cases, with many figures
each. SuiteProgram: programs with a fixed amount of work, timed from outside, one row each.
"""

import os
import shutil
import statistics
import sys

import field
import measure

BENCH = os.path.dirname(os.path.abspath(__file__))


def size_label(size):
    return "%d KiB" % (size // 1024) if size >= 1024 else "%d B" % size


class Program:
    """One benchmark program, and one table of the report.

    key: the figure it prints that the table is about; unit: what that figure is.
    rows: its rows (None: one row). relative: what ratios are to, "null", "glibc" or "peer" (the best).
    with_null: whether the null allocator can run it. extras: further figures worth rows of their own,
    as (key, unit).
    """

    by_default = True
    prints_sum = False  # whether it prints a sum that is the same under every allocator
    laps_max = 1  # in each round, of a row that is over soon
    measures_itself = False  # whether it runs build/bench/child itself, around what is to be measured

    def __init__(self, name, title, key, unit, rows, relative, with_null=True, extras=()):
        self.name, self.title, self.key, self.unit = name, title, key, unit
        self.rows, self.relative, self.with_null, self.extras = rows, relative, with_null, extras

    def row_label(self, row):
        return size_label(row) if isinstance(row, int) else row or ""

    def label(self, row):
        return ("%s %s" % (self.name, self.row_label(row))).strip()

    def row_names(self):
        """Return the rows that can be chosen by name."""
        return ()

    def missing(self):
        """Return {row: what it needs}, of the rows that cannot run here."""
        return {}

    def needed(self):
        """Return the files below build/bench that it runs."""
        return [] if self.name == "heap" else ["micro/" + self.name]

    def runs_under(self, allocator):
        return not allocator.guides_only and (self.with_null or allocator.name != field.NULL)

    def command(self, row, allocator, options):
        """Return (argv, environment) of one run."""
        environment = allocator.environment()
        if self.name == "heap":
            script = os.path.join(BENCH, "micro", "heap_growth.py")
            environment.update(PYTHONMALLOC="malloc", PYTHONHASHSEED="0")
            # The real interpreter: sys.executable's name may be a wrapper script.
            return [os.path.realpath(sys.executable), script, str(options.records)], environment
        binary = os.path.join(options.build, "bench", "micro", self.name)
        return [binary, str(row), str(options.seconds), str(options.warmup)], environment

    def read(self, output, _folder):
        """Return the figures that a run printed, or left in its folder; raises ValueError."""
        return measure.parse_pairs(output)

    def read_more(self, _allocator, _peak_kib):
        """Return figures that take further runs; peak_kib(argv, environment) is the peak memory of one."""
        return {}

    def planned_s(self, _row, options):
        """Guess how long one run takes, for the first estimate of the time left."""
        if self.name == "heap":
            return 0.1 + options.records * 5e-6
        return options.seconds + options.warmup + 0.02


class StartupProgram(Program):
    """A program that starts another many times, bare and with a preload."""

    def command(self, _row, allocator, options):
        environment = allocator.environment()
        environment.pop("BENCH_PRELOAD", None)  # it preloads into what it starts, not into itself
        return [os.path.join(options.build, "bench", "micro", self.name), str(options.starts)] + (
            [allocator.path] if allocator.path else []), environment

    def read_more(self, allocator, peak_kib):
        bare = allocator.environment()
        bare.pop("BENCH_PRELOAD", None)
        added = [peak_kib(["/bin/true"], allocator.environment()) - peak_kib(["/bin/true"], bare) for _ in range(5)]
        return {"added_memory_kib": statistics.median(added)}

    def planned_s(self, _row, options):
        return options.starts * 2e-3


class CasesProgram(Program):
    """A program that is run in several cases, with figures that each want a row; run only when named.

    cases: {label: (arguments, environment)}; an argument that is callable is given the options of the run.
    figures: the rows, as (key, label). only: field.TIDEPOOL if it is about that alone, or None for all but the null
    allocator.
    """

    by_default = False

    def __init__(self, name, title, unit, cases, figures, case_s, only=None):
        super().__init__(name, title, figures[0][0], unit, tuple(cases), None, with_null=False)
        self.cases, self.figures, self.case_s, self.only = cases, figures, case_s, only

    def runs_under(self, allocator):
        return allocator.is_tidepool if self.only else super().runs_under(allocator)

    def command(self, row, allocator, options):
        arguments, environment = self.cases[row]
        arguments = [str(each(options)) if callable(each) else str(each) for each in arguments]
        return [os.path.join(options.build, "bench", "micro", self.name), *arguments], {**allocator.environment(), **environment}

    def planned_s(self, _row, _options):
        return self.case_s


class SuiteProgram(Program):
    """Programs with a fixed amount of work, a row each: wall time, CPU time and peak memory, seen from outside.

    cases: {row: (program with its arguments, the same in a quick run)}
    """

    prints_sum = True
    laps_max = 5

    # A table each, as (key, title).
    figures = (("seconds", "seconds"), ("cpu_s", "CPU seconds, of all its processes"),
               ("peak_mib", "peak resident MiB, of its largest process"))

    def __init__(self, name, title, cases, by_default=True):
        super().__init__(name, title, "seconds", "a table for each figure", tuple(cases), None, with_null=False)
        self.cases, self.by_default = cases, by_default

    def row_names(self):
        return self.rows

    def words(self, row, options):
        return self.cases[row][options.quick].split()

    def needed(self):
        return sorted({"suite/" + self.cases[row][0].split()[0] for row in self.rows})

    def command(self, row, allocator, options):
        program, *arguments = self.words(row, options)
        return [os.path.join(options.build, "bench", "suite", program), *arguments], allocator.environment()

    def planned_s(self, _row, options):
        return 0.2 if options.quick else 1


class RealProgram(SuiteProgram):
    """Programs of the distribution, each in a script that prepares, measures and checks.

    cases: {row: (the script's argument, the same in a quick run, the command it needs)}
    """

    measures_itself = True

    def missing(self):
        """Return {row: the command that is not installed}, of the rows whose command is not."""
        return {row: command for row, (_, _, command) in self.cases.items() if shutil.which(command) is None}

    def needed(self):
        return []

    def command(self, row, allocator, options):
        environment = {**allocator.environment(), "BENCH_WORK": os.path.join(options.build, "bench", "real"),
                       "BENCH_PYTHON": os.path.realpath(sys.executable)}
        return ["/bin/sh", os.path.join(BENCH, "suite", "real", row + ".sh"), *self.words(row, options)], environment

    def planned_s(self, _row, options):
        return 0.7 if options.quick else 2


class ScalingProgram(SuiteProgram):
    """One program of the suite with more and more threads, each of which does as much."""

    figures = (*SuiteProgram.figures, ("million_per_s", "million operations per second (more is better)"))

    def row_label(self, row):
        return "%d thread%s" % (row, "s" if row > 1 else "")

    def row_names(self):
        return ()

    def planned_s(self, row, options):
        return super().planned_s(row, options) * max(1, row / 20)

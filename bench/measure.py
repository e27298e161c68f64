"""What is measured, and one measurement: the programs, their rows, and how one process of them is run."""

import os
import signal
import subprocess
import sys
import tempfile
import threading

import field

TIMEOUT_S = 120
SIZES = (16, 64, 256, 1024, 4096, 32768)


class Failure(Exception):
    """A program did not end well under an allocator; the text says how, in one line."""


class Program:
    """One benchmark program, and one table of the report.

    key: the figure it prints that the table is about; unit: what that figure is.
    sizes: its rows (None: one row). relative: what ratios are to, "null", "glibc" or "peer" (the best).
    with_null: whether the null allocator can run it. extras: further figures worth rows of their own,
    as (key, unit).
    """

    by_default = True

    def __init__(self, name, title, key, unit, sizes, relative, with_null=True, extras=()):
        self.name, self.title, self.key, self.unit = name, title, key, unit
        self.sizes, self.relative, self.with_null, self.extras = sizes, relative, with_null, extras

    def runs_under(self, allocator):
        return self.with_null or allocator.name != field.NULL

    def command(self, size, allocator, options):
        """Return (argv, environment) of one run."""
        environment = allocator.environment()
        if self.name == "heap":
            script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "heap_growth.py")
            environment.update(PYTHONMALLOC="malloc", PYTHONHASHSEED="0")
            # The real interpreter: sys.executable's name may be a wrapper script.
            return [os.path.realpath(sys.executable), script, str(options.records)], environment
        binary = os.path.join(options.build, "bench", self.name)
        if self.name == "startup":
            environment.pop("LD_PRELOAD", None)  # the program preloads into what it starts, not into itself
            return [binary, str(options.starts)] + ([allocator.path] if allocator.path else []), environment
        return [binary, str(size), str(options.seconds), str(options.warmup)], environment

    def planned_s(self, options):
        """Guess how long one run takes, for the first estimate of the time left."""
        if self.name == "heap":
            return 0.1 + options.records * 5e-6
        if self.name == "startup":
            return options.starts * 2e-3
        return options.seconds + options.warmup + 0.02


class CasesProgram(Program):
    """A program that is run in several cases, with figures that each want a row; run only when named.

    cases: {label: (arguments, environment)}; an argument that is callable is given the options of the run.
    figures: the rows, as (key, label). only: the allocator it is about, or None for all but the null allocator.
    In place of a size, the rest of the runner sees the label of the case.
    """

    by_default = False

    def __init__(self, name, title, unit, cases, figures, case_s, only=None):
        super().__init__(name, title, figures[0][0], unit, tuple(cases), None, with_null=False)
        self.cases, self.figures, self.case_s, self.only = cases, figures, case_s, only

    def runs_under(self, allocator):
        return allocator.name == self.only if self.only else allocator.name != field.NULL

    def command(self, size, allocator, options):
        arguments, environment = self.cases[size]
        arguments = [str(each(options)) if callable(each) else str(each) for each in arguments]
        return [os.path.join(options.build, "bench", self.name), *arguments], {**allocator.environment(), **environment}

    def planned_s(self, options):
        return self.case_s


def pause_seconds(options):
    return 8 * options.seconds  # 2 s and 0.6 s: with fewer turns, the 99th percentile is one of a few


MEMORY = ("peak_mib", "peak resident MiB")

PROGRAMS = (
    Program("pair", "pair: one malloc and its free, back to back", "ns", "ns per pair", SIZES, "null"),
    Program("batch", "batch: 64 mallocs, then their 64 frees", "ns", "ns per malloc and free", SIZES, "null"),
    Program("mixed", "mixed: random replacement among 1024 objects of 1 byte to the size", "ns",
            "ns per free and malloc", SIZES, "null"),
    Program("pass", "pass: one thread allocates, another frees", "ns", "ns per object", (64, 4096), "null",
            extras=(("cpu_ns", "CPU ns per object, both threads"), MEMORY)),
    Program("heap", "heap: python builds dicts and lists that stay (PYTHONMALLOC=malloc)", "seconds", "seconds",
            (None,), "peer", with_null=False, extras=(("cpu_s", "CPU seconds, with python's start"), MEMORY)),
    Program("startup", "startup: /bin/true with the library preloaded", "us", "us per start", (None,), "glibc",
            extras=(("added_us", "us added to a bare start beside it"),)),
    CasesProgram("idle", "idle: 200 MiB allocated, written and freed, then nothing", "resident MiB over the start", {
        "main alone (TIDEPOOL_TIMER=thread)": (("0",), {"TIDEPOOL_TIMER": "thread"}),
        "4 threads, which stay": (("4",), {}),
    }, (("live_over_mib", "live"), ("freed_over_mib", "0 s"), ("after1_over_mib", "1 s"), ("after2_over_mib", "2 s"),
        ("after3_over_mib", "3 s")), 3.5),
    CasesProgram("crowd", "crowd: 1000 threads that each churn 64 objects, free them and stay",
                 "seconds; resident MiB", {
        "together: all hold their 64 at once": (("1000", "together"), {}),
        "apart: each frees when it is done": (("1000", "apart"), {}),
        "empty: the threads do nothing": (("1000", "empty"), {}),
    }, (("seconds", "seconds"), ("peak_mib", "peak"), ("after0_mib", "0 s"), ("after1_mib", "1 s"),
        ("after2_mib", "2 s"), ("after3_mib", "3 s")), 4),
    CasesProgram("pause", "pause: malloc and free of 4 KiB, each pair timed, while generations turn", "ns a pair", {
        "%d threads, %s" % (threads, label): ((threads, pause_seconds, *arguments), {"TIDEPOOL_TICK": tick})
        for threads in (2, 64)
        for label, tick, arguments in (("no turn", "0", ()), ("a tick every 10 ms", "10ms", ()),
                                       ("begun in a turn", "0", ("trim",)))
    }, (("p50_ns", "p50"), ("p99_ns", "p99"), ("p999_ns", "p99.9"), ("max_us", "max, us")), 2.2, only=field.TIDEPOOL),
)


def add_derived(figures):
    """Add to figures in KiB the same in MiB and over what it was at the start, to a maximum in ns the same in us."""
    for key in [key for key in figures if key.endswith("_kib")]:
        figures[key[:-4] + "_mib"] = figures[key] / 1024
        if "start_kib" in figures:
            figures[key[:-4] + "_over_mib"] = (figures[key] - figures["start_kib"]) / 1024
    if "max_ns" in figures:
        figures["max_us"] = figures["max_ns"] / 1000


def describe_status(status):
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        try:
            return "crashed with %s" % signal.Signals(number).name
        except ValueError:
            return "crashed with signal %d" % number
    return "failed with exit status %d" % os.waitstatus_to_exitcode(status)


def run(program, size, allocator, options):
    """Run one process to its end and return its figures as a dict of numbers; raise Failure."""
    argv, environment = program.command(size, allocator, options)
    timed_out = threading.Event()
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=errors)

        def stop():
            timed_out.set()
            os.kill(child.pid, signal.SIGKILL)

        timer = threading.Timer(TIMEOUT_S, stop)
        timer.start()
        try:
            output = child.stdout.read().decode(errors="replace")
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:  # Ctrl-C: leave no program behind
            child.kill()
            raise
        finally:
            timer.cancel()
            child.stdout.close()
        child.returncode = os.waitstatus_to_exitcode(status)  # subprocess did not see it reaped
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines()
    if timed_out.is_set():
        raise Failure("did not end within %d s" % TIMEOUT_S)
    if status != 0:
        raise Failure(describe_status(status) + (": " + said[-1] if said else ""))
    try:
        figures = {key: float(value) for key, value in (pair.split("=") for pair in output.split())}
        add_derived(figures)
        figures[program.key]
    except (ValueError, KeyError):
        raise Failure("printed no figures: %r" % output[:80]) from None
    figures["cpu_user_s"] = usage.ru_utime
    figures["cpu_system_s"] = usage.ru_stime
    figures["cpu_s"] = usage.ru_utime + usage.ru_stime
    figures["max_rss_kib"] = usage.ru_maxrss
    return figures

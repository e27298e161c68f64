"""What is measured, and one measurement: the programs, their rows, and how one process of them is run."""

import os
import signal
import subprocess
import sys
import tempfile
import threading

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

    def __init__(self, name, title, key, unit, sizes, relative, with_null=True, extras=()):
        self.name, self.title, self.key, self.unit = name, title, key, unit
        self.sizes, self.relative, self.with_null, self.extras = sizes, relative, with_null, extras

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
)


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
        figures[program.key]
    except (ValueError, KeyError):
        raise Failure("printed no figures: %r" % output[:80]) from None
    figures["cpu_user_s"] = usage.ru_utime
    figures["cpu_system_s"] = usage.ru_stime
    figures["cpu_s"] = usage.ru_utime + usage.ru_stime
    figures["max_rss_kib"] = usage.ru_maxrss
    if "peak_kib" in figures:
        figures["peak_mib"] = figures["peak_kib"] / 1024
    return figures

"""One measurement: one program, run once under one allocator, to its end."""

import contextlib
import os
import platform
import signal
import subprocess
import tempfile
import threading

TIMEOUT_S = 120
FOLDER = "{folder}"  # stands in a program's environment for the folder of its run


class Failure(Exception):
    """A program did not end well under an allocator; the text says how, in one line."""


def machine():
    """Return what a results file says of the machine."""
    with open("/proc/cpuinfo") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    return {"kernel": platform.release(), "arch": platform.machine(), "libc": " ".join(platform.libc_ver()),
            "processor": names[0] if names else platform.machine(), "cpus": len(os.sched_getaffinity(0)),
            "python": platform.python_version(), "load": os.getloadavg()[0]}


def can_write(path):
    """Return whether a results file can be made there."""
    return not os.path.isdir(path) and os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)


def add_derived(figures):
    """Add to figures in KiB the same in MiB and over what it was at the start, to a maximum in ns the same in us."""
    for key in [key for key in figures if key.endswith("_kib")]:
        figures[key[:-4] + "_mib"] = figures[key] / 1024
        if "start_kib" in figures:
            figures[key[:-4] + "_over_mib"] = (figures[key] - figures["start_kib"]) / 1024
    if "max_ns" in figures:
        figures["max_us"] = figures["max_ns"] / 1000
    if "operations" in figures and figures.get("seconds"):
        figures["million_per_s"] = figures["operations"] / figures["seconds"] / 1e6


def describe_status(status):
    if status < 0:
        try:
            return "crashed with %s" % signal.Signals(-status).name
        except ValueError:
            return "crashed with signal %d" % -status
    return "failed with exit status %d" % status


def parse_pairs(text):
    """Return the key=value pairs of a text; all values are numbers but that of `sum`, which is compared as text."""
    pairs = (pair.split("=") for pair in text.split())
    return {key: value if key == "sum" else float(value) for key, value in pairs}


def read_child(path):
    """Return what build/bench/child wrote: times added up where it ran several commands, the largest peak."""
    figures = {}
    if os.path.exists(path):
        with open(path) as file:
            for line in file:
                for key, value in parse_pairs(line).items():
                    figures[key] = max(figures.get(key, 0), value) if key == "peak_kib" else figures.get(key, 0) + value
    if "cpu_user_s" in figures:
        figures["cpu_s"] = figures["cpu_user_s"] + figures["cpu_system_s"]
    return figures


def run_to_end(argv, environment):
    """Run a command in a session of its own; return its output. Failure says how it ended otherwise."""
    timed_out = threading.Event()
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=errors, start_new_session=True)

        def kill():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

        def stop():
            timed_out.set()
            kill()

        timer = threading.Timer(TIMEOUT_S, stop)
        timer.start()
        try:
            output = child.stdout.read().decode(errors="replace")
            child.wait()
        except BaseException:  # Ctrl-C: leave no program behind
            kill()
            child.wait()
            raise
        finally:
            timer.cancel()
            child.stdout.close()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines()
    if timed_out.is_set():
        raise Failure("did not end within %d s" % TIMEOUT_S)
    if child.returncode != 0:
        raise Failure(describe_status(child.returncode) + (": " + said[-1] if said else ""))
    return output


def peak_kib(child, argv, environment):
    """Run a command to its end; return its peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        seen = os.path.join(folder, "figures")
        environment = {key: value.replace(FOLDER, folder) for key, value in environment.items()}
        run_to_end([child, *argv], {**environment, "BENCH_FIGURES": seen})
        return read_child(seen)["peak_kib"]


def run(program, row, allocator, options):
    """Run one process to its end and return its figures as a dict; raise Failure.

    What a program says about itself (its own time, its own peak) goes before what was seen from outside.
    """
    with tempfile.TemporaryDirectory() as folder:
        argv, environment = program.command(row, allocator, options)
        seen, child = os.path.join(folder, "figures"), os.path.join(options.build, "bench", "launch", "child")
        environment = {key: value.replace(FOLDER, folder) for key, value in environment.items()}
        environment.update(BENCH_FIGURES=seen, BENCH_CHILD=child, BENCH_FOLDER=folder)
        output = run_to_end(argv if program.measures_itself else [child, *argv], environment)
        try:
            figures = {**read_child(seen), **program.read(output, folder)}
            figures.update(program.read_more(allocator, lambda argv, beside: peak_kib(child, argv, beside)))
            add_derived(figures)
            figures[program.key]
        except (ValueError, KeyError):
            raise Failure("printed no figures: %r" % output[:80]) from None
    return figures

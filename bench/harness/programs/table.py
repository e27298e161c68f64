"""What is measured: the table of all programs and their rows."""

import os

from harness.programs.effort import Effort
from harness.programs.guides import GuidesProgram
from harness.programs.kinds import CasesProgram, HeapProgram, Program, StartupProgram
from harness.programs.suites import RealProgram, ScalingProgram, SuiteProgram

SIZES = (16, 64, 256, 1024, 4096, 32768, 65536)
QUICK_SIZES = (64, 4096, 32768)
THREADS = min(max(len(os.sched_getaffinity(0)), 2), 16)
SCALING_THREADS = (1, 2, 4, 8, 16, 32, 64)


def pause_seconds(effort: Effort) -> float:
    return 8 * effort.seconds  # 2 s and 0.4 s: with fewer turns, the 99th percentile is one of a few


MEMORY = ("peak_mib", "peak resident MiB")

# The product of two primes, of 25 and of 22 decimals.
FACTORED = ("300000000001220000000000407", "30000000008600000000231")

PROGRAMS: tuple[Program, ...] = (
    Program("pair", "pair: one malloc and its free, back to back", "ns", "ns per pair", SIZES, "null"),
    Program("batch", "batch: 64 mallocs, then their 64 frees", "ns", "ns per malloc and free", SIZES, "null"),
    Program("mixed", "mixed: random replacement among 1024 objects of 1 byte to the size", "ns",
            "ns per free and malloc", SIZES, "null"),
    Program("pass", "pass: one thread allocates, another frees", "ns", "ns per object", (64, 4096), "null",
            extras=(("cpu_ns", "CPU ns per object, both threads"), MEMORY)),
    HeapProgram("heap", "heap: python builds dicts and lists that stay (PYTHONMALLOC=malloc)", "seconds", "seconds",
                (None,), "peer", with_null=False, extras=(("cpu_s", "CPU seconds, with python's start"), MEMORY)),
    StartupProgram("startup", "startup: /bin/true with the library preloaded", "us", "us per start", (None,), "glibc",
                   extras=(("added_us", "us added to a bare start beside it"),
                           ("added_memory_mib", "peak resident MiB added to it"))),
    SuiteProgram("suite", "suite: patterns of the literature, each a fixed amount of work", {
        "larson": ("larson %d 100 1000 400000" % THREADS, "larson %d 50 1000 60000" % THREADS),
        "xmalloc": ("xmalloc %d 80000" % (THREADS // 2), "xmalloc %d 5000" % (THREADS // 2)),
        "cache_scratch": ("cache_share passive %d 10000000 10 8" % THREADS,
                          "cache_share passive %d 1000000 10 8" % THREADS),
        "cache_thrash": ("cache_share active %d 10000000 10 8" % THREADS,
                         "cache_share active %d 1000000 10 8" % THREADS),
        "mstress": ("mstress %d 80 100000" % THREADS, "mstress %d 15 100000" % THREADS),
        "rptest": ("rptest %d 20 2000" % THREADS, "rptest %d 5 500" % THREADS),
        "glibc_simple": ("glibc_simple 150", "glibc_simple 20"),
        "glibc_thread": ("glibc_thread %d 40000000" % THREADS, "glibc_thread %d 5000000" % THREADS),
        "alloc_test": ("alloc_test 1000000 10000000", "alloc_test 200000 2000000"),
        "sh6": ("sh 1 1000 10000", "sh 1 1000 1500"),
        "sh8": ("sh %d 8000 3000" % THREADS, "sh %d 8000 400" % THREADS),
        "factor": ("factor " + FACTORED[0], "factor " + FACTORED[1]),
        "minimise": ("minimise 11 100", "minimise 11 15"),
        "lisp": ("lisp 1000", "lisp 150"),
        "large": ("large 1200", "large 150"),
        "orphans": ("orphans 300 8 2000", "orphans 60 8 2000"),
        "grow": ("grow 300 80", "grow 300 12"),
        "stl": ("stl 20 20000", "stl 15 4000"),
    }),
    RealProgram("real", "real: programs of the distribution, their results checked", {
        "redis": ("60000", "6000", "redis-server"),
        "lua": ("250", "30", "lua5.4"),
        "python3": ("150", "15", "python3"),
        "sqlite3": ("400000", "40000", "sqlite3"),
        "g++": ("80", "8", "g++"),
        "git": ("900", "100", "git"),
        "xz": ("24", "3", "xz"),
    }),
    ScalingProgram("scaling", "scaling: larson, each of more and more threads doing as much", {
        threads: ("larson %d 10 1000 200000" % threads, "larson %d 10 1000 40000" % threads)
        for threads in SCALING_THREADS
    }, by_default=False),
    GuidesProgram(),
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
    }, (("p50_ns", "p50"), ("p99_ns", "p99"), ("p999_ns", "p99.9"), ("max_us", "max, us")), 2.2, tidepool_only=True),
)


def by_name(name: str) -> Program | None:
    """Return the program of that name, or None."""
    return next((program for program in PROGRAMS if program.name == name), None)

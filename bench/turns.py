#!/usr/bin/env python3
"""Show what the generations do with three loads: objects asked of slabs, victim hits and held objects, per tick.

Every load of bench/load runs twice, all at the same time: it counts, so it does not matter how fast. Each is
bound to a CPU, so that what is seen comes from turns and not from moving to another CPU's empty pools.
  with     as it is: what was freed outlives one turn
  without  what outlives no turn. Tidepool has no option for that; it is imitated by TIDEPOOL_TICK=0 and a
           malloc_trim in the middle of every tick, which turns twice, so that nothing is left after it.
The figures are the library's own: it dumps its statistics when the load raises SIGUSR1, once a tick.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import plot

BENCH = os.path.dirname(os.path.abspath(__file__))
LOADS = ("steady", "bursty", "falling")
MODES = ("with", "without")

# Per tick: the difference of two dumps. (key in the output, path in the dump's totals)
COUNTED = (
    ("gets", ("gets",)), ("local", ("hits", "local")), ("overflow", ("hits", "overflow")),
    ("stolen", ("hits", "stolen")), ("victim", ("hits", "victim")), ("from_slab", ("from_slab",)),
    ("refilled", ("refilled",)), ("drained", ("drained",)), ("backend_calls", ("backend_calls",)),
)
HELD = ("held_objects", "held_bytes")
COLUMNS = ("tick", "objects", "from_slab", "refilled", "victim", "local", "overflow", "drained", "backend_calls",
           "held_objects")


class Failure(Exception):
    """A load did not do what it should; the text says what, in one line."""


def parse():
    parser = argparse.ArgumentParser(prog="bench/turns.py", description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ticks", type=int, default=10, metavar="N", help="ticks to watch, 2 to 60 (default 10)")
    parser.add_argument("--tick-ms", type=int, default=1000, metavar="MS",
                        help="length of a tick, 100 to 60000 (default 1000)")
    parser.add_argument("--build", metavar="FOLDER", default=os.path.join(os.path.dirname(BENCH), "build"),
                        help="where the library and bench/ were built (default build)")
    parser.add_argument("--out", metavar="FOLDER", default=os.path.join(BENCH, "results"),
                        help="where turns.json and turns.svg go (default bench/results)")
    parser.add_argument("--move", action="store_true", help="do not bind the loads: let them move over the CPUs")
    options = parser.parse_args()
    if not 2 <= options.ticks <= 60 or not 100 <= options.tick_ms <= 60000:
        parser.error("--ticks or --tick-ms out of range")
    return options


def start(load, mode, options, dump_path, cpu):
    """Start one load, bound to a CPU if that is not None; return its process."""
    argv = [os.path.join(options.build, "bench", "micro", "load"), load, str(options.ticks), str(options.tick_ms / 1000)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TIDEPOOL_")}
    environment.update(
        LD_PRELOAD=os.path.abspath(os.path.join(options.build, "libtidepool.so")), TIDEPOOL_STATS="json",
        TIDEPOOL_STATS_SIGNAL="USR1", TIDEPOOL_STATS_FILE=dump_path, TIDEPOOL_TIMER="thread",
        TIDEPOOL_PRESSURE="off", TIDEPOOL_TICK="%dms" % options.tick_ms if mode == "with" else "0")
    return subprocess.Popen(argv + (["trim"] if mode == "without" else []), env=environment, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=None if cpu is None else lambda: os.sched_setaffinity(0, {cpu}))


def take(dump, path):
    value = dump["totals"]
    for name in path:
        value = value[name]
    return value


def read_ticks(output, dump_path, options):
    """Return a dict for every tick, from what the load printed and the library dumped."""
    try:
        with open(dump_path) as file:
            dumps = [json.loads(line) for line in file]
        lines = [dict(pair.split("=") for pair in line.split()) for line in output.splitlines()]
    except (OSError, ValueError) as error:
        raise Failure("no usable dumps: %s" % error) from None
    if len(lines) != options.ticks or len(dumps) != options.ticks + 2:  # before the first tick, and at the end
        raise Failure("%d ticks and %d dumps, not %d and %d" % (len(lines), len(dumps), options.ticks,
                                                               options.ticks + 2))
    ticks = []
    for line, before, after in zip(lines, dumps, dumps[1:]):
        tick = {key: int(value) for key, value in line.items()}
        tick.update({key: take(after, path) - take(before, path) for key, path in COUNTED})
        tick.update({key: take(after, (key,)) for key in HELD})
        ticks.append(tick)
    return ticks


def measure(options):
    """Run all loads in both modes at once; return the runs."""
    with tempfile.TemporaryDirectory() as folder:
        started = []
        cpus = sorted(os.sched_getaffinity(0))
        try:
            for load in LOADS:
                for mode in MODES:
                    dump_path = os.path.join(folder, load + "-" + mode)
                    cpu = None if options.move else cpus[len(started) % len(cpus)]
                    started.append((load, mode, dump_path, start(load, mode, options, dump_path, cpu)))
            runs = []
            for load, mode, dump_path, process in started:
                output, errors = process.communicate(timeout=options.ticks * options.tick_ms / 1000 + 60)
                if process.returncode != 0:
                    raise Failure("%s ended with %d: %s" % (load, process.returncode, errors.strip()[-200:]))
                runs.append({"load": load, "victims": mode, "ticks": read_ticks(output, dump_path, options)})
            return runs
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failure(str(error)) from None
        finally:
            for *_, process in started:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def print_runs(runs):
    for run in runs:
        print("\n%s, %s victims" % (run["load"], run["victims"]))
        print("  " + "".join(name.replace("_", " ").rjust(6 if name == "tick" else 14) for name in COLUMNS))
        for tick in run["ticks"]:
            print("  " + "".join(str(tick[name]).rjust(6 if name == "tick" else 14) for name in COLUMNS))


def main():
    options = parse()
    data_path = os.path.join(options.out, "turns.json")
    for needed in ("libtidepool.so", "bench/micro/load"):
        if not os.path.exists(os.path.join(options.build, needed)):
            sys.stderr.write("bench/turns.py: no %s in %s; build it with 'make all bench-build'\n"
                             % (needed, options.build))
            return 2
    try:
        runs = measure(options)
    except Failure as failure:
        sys.stderr.write("bench/turns.py: %s\n" % failure)
        return 1
    print_runs(runs)
    os.makedirs(options.out, exist_ok=True)
    with open(data_path, "w") as file:
        json.dump({"tick_ms": options.tick_ms, "runs": runs}, file, indent=1)
        file.write("\n")
    return plot.draw_elsewhere(data_path)


if __name__ == "__main__":
    sys.exit(main())

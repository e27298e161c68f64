"""What the generations do with three loads: objects asked of slabs, victim hits and held objects, per tick.

Every load of build/bench/micro/load runs twice, all at the same time: it counts, so it does not matter how fast. Each
is bound to a CPU, so that what is seen comes from turns and not from moving to another CPU's empty pools.
  with     as it is: what was freed outlives one turn
  without  what outlives no turn. Tidepool has no option for that; it is imitated by TIDEPOOL_TICK=0 and a malloc_trim
           in the middle of every tick, which turns twice, so that nothing is left after it.
The figures are the library's own: it dumps its statistics when the load raises SIGUSR1, once a tick.
"""

import dataclasses
import json
import os
import subprocess
import tempfile
from typing import Any

from harness.field import places
from harness.processes.process import Failure

LOADS = ("steady", "bursty", "falling")
MODES = ("with", "without")
PROGRAM = "micro/load"

# Per tick: the difference of two dumps. (key in the results file, path in the dump's totals)
COUNTED = (
    ("gets", ("gets",)), ("local", ("hits", "local")), ("overflow", ("hits", "overflow")),
    ("stolen", ("hits", "stolen")), ("victim", ("hits", "victim")), ("from_slab", ("from_slab",)),
    ("refilled", ("refilled",)), ("drained", ("drained",)), ("backend_calls", ("backend_calls",)),
)
HELD = ("held_objects", "held_bytes")


@dataclasses.dataclass(frozen=True)
class Plan:
    """How the loads are run."""

    build: str
    ticks: int
    tick_ms: int
    move: bool  # whether the loads may move over the CPUs

    def total_s(self) -> float:
        return self.ticks * self.tick_ms / 1000


def start(load: str, mode: str, plan: Plan, dump_path: str, cpu: int | None) -> subprocess.Popen[str]:
    """Start one load, bound to a CPU if that is not None; return its process."""
    argv = [places.program(plan.build, PROGRAM), load, str(plan.ticks), str(plan.tick_ms / 1000)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TIDEPOOL_")}
    environment.update(
        LD_PRELOAD=places.library(plan.build), TIDEPOOL_STATS="json", TIDEPOOL_STATS_SIGNAL="USR1",
        TIDEPOOL_STATS_FILE=dump_path, TIDEPOOL_TIMER="thread", TIDEPOOL_PRESSURE="off",
        TIDEPOOL_TICK="%dms" % plan.tick_ms if mode == "with" else "0")
    return subprocess.Popen(argv + (["trim"] if mode == "without" else []), env=environment, text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            preexec_fn=None if cpu is None else lambda: os.sched_setaffinity(0, {cpu}))


def take(dump: dict[str, Any], path: tuple[str, ...]) -> int:
    """Return a counter of a dump's totals."""
    value = dump["totals"]
    for name in path:
        value = value[name]
    return int(value)


def read_ticks(output: str, dump_path: str, plan: Plan) -> list[dict[str, int]]:
    """Return the figures of every tick, from what the load printed and the library dumped."""
    try:
        with open(dump_path, encoding="utf-8") as file:
            dumps = [json.loads(line) for line in file]
        lines = [dict(pair.split("=") for pair in line.split()) for line in output.splitlines()]
    except (OSError, ValueError) as error:
        raise Failure("no usable dumps: %s" % error) from None
    if len(lines) != plan.ticks or len(dumps) != plan.ticks + 2:  # before the first tick, and at the end
        raise Failure("%d ticks and %d dumps, not %d and %d" % (len(lines), len(dumps), plan.ticks, plan.ticks + 2))
    ticks = []
    for line, before, after in zip(lines, dumps, dumps[1:]):
        tick = {key: int(value) for key, value in line.items()}
        tick.update({key: take(after, path) - take(before, path) for key, path in COUNTED})
        tick.update({key: take(after, (key,)) for key in HELD})
        ticks.append(tick)
    return ticks


def measure(plan: Plan) -> list[dict[str, Any]]:
    """Run all loads in both modes at once; return the runs. Raises Failure."""
    with tempfile.TemporaryDirectory() as folder:
        started: list[tuple[str, str, str, subprocess.Popen[str]]] = []
        cpus = sorted(os.sched_getaffinity(0))
        try:
            for load in LOADS:
                for mode in MODES:
                    dump_path = os.path.join(folder, load + "-" + mode)
                    cpu = None if plan.move else cpus[len(started) % len(cpus)]
                    started.append((load, mode, dump_path, start(load, mode, plan, dump_path, cpu)))
            runs = []
            for load, mode, dump_path, process in started:
                output, errors = process.communicate(timeout=plan.total_s() + 60)
                if process.returncode != 0:
                    raise Failure("%s ended with %d: %s" % (load, process.returncode, errors.strip()[-200:]))
                runs.append({"load": load, "victims": mode, "ticks": read_ticks(output, dump_path, plan)})
            return runs
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failure(str(error)) from None
        finally:
            for *_, process in started:
                if process.poll() is None:
                    process.kill()
                    process.wait()

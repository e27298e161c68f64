"""The allocators that are measured: which there are, where they lie, whether they take effect.

A peer is one of those that Tidepool is compared to. The null allocator is the floor, and what the user adds is shown
beside the others; neither is ever the "best peer".
"""

import dataclasses
import os
import subprocess
from collections.abc import Iterable, Mapping

from harness.field import places
from harness.field.peers import GLIBC, PEER_LIBRARIES, PEERS, find_shared_library

TIDEPOOL = "tidepool"
NULL = "null"

FOLDER = "{folder}"  # stands in a program's environment for the folder of its run

# Variables that steer an allocator and would reach only some of them: worth a note beside the figures.
STEERING = ("GLIBC_TUNABLES", "MALLOC_", "MIMALLOC_", "TCMALLOC_", "TBB_", "TIDEPOOL_")


@dataclasses.dataclass(frozen=True)
class Allocator:
    """One column of the tables."""

    name: str
    path: str | None  # None for glibc, which needs no preload
    guides_only: bool = False  # a column of the guides' table alone: Go, or Tidepool in another mode
    is_tidepool: bool = False  # Tidepool with its pools, this build or another
    settings: Mapping[str, str] = dataclasses.field(default_factory=dict)  # variables that its programs get

    def environment(self) -> dict[str, str]:
        """Return the environment of a measured program; build/bench/launch/child preloads what BENCH_PRELOAD names."""
        environment = {key: value for key, value in os.environ.items() if key not in ("LD_PRELOAD", "BENCH_PRELOAD")}
        if self.path:
            environment["BENCH_PRELOAD"] = self.path
        return {**environment, **self.settings}


def parse_extra(text: str, is_tidepool: bool = False) -> Allocator:
    """Return the Allocator of a NAME=PATH argument; raise ValueError with what is wrong with it."""
    name, equals, path = text.partition("=")
    if not equals or not name or not path:
        raise ValueError("an allocator is NAME=PATH, not '%s'" % text)
    if name in (*PEERS, TIDEPOOL, NULL):
        raise ValueError("the allocator name '%s' is taken" % name)
    path = os.path.abspath(path)
    if any(separator in path for separator in " :"):
        raise ValueError("LD_PRELOAD takes no path with a space or a colon: '%s'" % path)
    if not os.path.isfile(path):
        raise ValueError("allocator %s: no file %s" % (name, path))
    return Allocator(name, path, is_tidepool=is_tidepool)


def find_all(build: str, extra: Iterable[Allocator]) -> tuple[list[Allocator], list[str]]:
    """Return (allocators in column order, one-line notes on those that are missing)."""
    found, notes = [Allocator(GLIBC, None)], []
    wanted: list[tuple[str, str | None]] = [(TIDEPOOL, places.library(build))]
    wanted += [(name, find_shared_library(library)) for name, library in PEER_LIBRARIES.items()]
    wanted += [(NULL, places.program(build, "libnull.so"))]
    for name, path in wanted:
        if path and os.path.exists(path):
            found.append(Allocator(name, path, is_tidepool=name == TIDEPOOL))
        elif name in PEER_LIBRARIES:
            notes.append("%s is missing: no %s installed" % (name, PEER_LIBRARIES[name]))
        else:
            notes.append("%s is missing: no %s" % (name, path))
    return [*found, *extra], notes


def check(allocator: Allocator, build: str) -> str | None:
    """Return None when a program under `allocator` calls its malloc and free, else what happens instead."""
    try:
        asked = subprocess.run([places.program(build, "launch/child"), places.program(build, "launch/who")],
                               env={**allocator.environment(), "BENCH_FIGURES": os.devnull},
                               capture_output=True, text=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return "a program that only starts hangs"
    if asked.returncode < 0:
        return "a program that only starts is killed by signal %d" % -asked.returncode
    if asked.returncode > 0:
        return (asked.stderr.strip().splitlines() or ["a program that only starts fails"])[-1]
    actual = asked.stdout.strip()
    if allocator.path is None:
        return None if os.path.basename(actual).startswith("libc.so") else "malloc is of %s" % actual
    if not os.path.exists(actual) or not os.path.samefile(actual, allocator.path):
        return "the preload has no effect: malloc is of %s" % actual
    return None


def steering_variables() -> list[str]:
    """Return NAME=VALUE of each variable set that steers an allocator."""
    return ["%s=%s" % item for item in sorted(os.environ.items()) if item[0].startswith(STEERING)]

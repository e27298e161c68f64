"""The workloads of the sync.Pool guides: in Go with and without a pool, in C with malloc and free.

Beside the times it counts: how much each operation asks for, and how often one got past the pools, to a slab or
to the backend. Go counts for itself; over glibc it is TIDEPOOL_MODE=count. A realloc is a request where it moves:
glibc often grows in place, Go never does, and Tidepool moves when the class changes.
"""

import json
import os
from typing import Any

from harness.field import places
from harness.field.allocators import FOLDER, NULL, Allocator
from harness.field.peers import PEER_LIBRARIES
from harness.figures.results import Row
from harness.processes.output import Figures, numbers_in
from harness.programs.effort import Effort
from harness.programs.kinds import Command
from harness.programs.suites import SuiteProgram

GO, GO_POOL, COUNT = "go", "go-pool", "count"
GO_CASES = {GO: "plain", GO_POOL: "pool"}

# row: (the C program and its arguments before the number of operations, Go's benchmark, operations, in a quick run)
ROWS: dict[Row, tuple[str, str, int, int]] = {
    "log": ("log", "Log", 3000000, 200000),
    "json_encode": ("json encode", "JSONEncode", 500000, 40000),
    "json_decode": ("json decode", "JSONDecode", 150000, 15000),
    "http": ("http", "HTTP", 1000000, 80000),
    "copy": ("copy", "Copy", 20000, 2000),
    "buffer": ("buffer alone", "Buffer", 10000000, 500000),
    "buffer_parallel": ("buffer parallel", "BufferParallel", 10000000, 500000),
    "buffer_batch": ("buffer batch", "BufferBatch", 200000, 10000),
}


class GuidesProgram(SuiteProgram):
    """A table of its own; run only when named. Its programs time themselves."""

    laps_max = 1

    def __init__(self) -> None:
        super().__init__("guides", "guides: what the guides to sync.Pool pool, in Go and in C",
                         {row: (words,) for row, (words, *_) in ROWS.items()}, by_default=False)
        self.key = "ns"

    def needed(self) -> list[str]:
        return sorted({"guides/" + ROWS[row][0].split()[0] for row in self.rows})

    def runs_under(self, allocator: Allocator) -> bool:
        return allocator.guides_only or allocator.name not in (*PEER_LIBRARIES, NULL)

    def command(self, row: Row, allocator: Allocator, effort: Effort) -> Command:
        words, benchmark, *operations = ROWS[row]
        count = str(operations[effort.quick])
        if allocator.name in GO_CASES:
            return [go_test(effort.build), "-test.run=^$", "-test.benchmem", "-test.benchtime=%sx" % count,
                    "-test.bench=^Benchmark%s$/^%s$" % (benchmark, GO_CASES[allocator.name])], allocator.environment()
        program, *arguments = words.split()
        environment = allocator.environment()
        if allocator.is_tidepool or allocator.name == COUNT:
            environment.update(TIDEPOOL_STATS="json", TIDEPOOL_STATS_FILE=FOLDER + "/stats",
                               TIDEPOOL_MODE="count" if allocator.name == COUNT else "pool")
        return [places.program(effort.build, "guides/" + program), *arguments, count], environment

    def read(self, output: str, folder: str) -> Figures:
        if output.startswith("goos:"):
            return read_go(output)
        figures = numbers_in(output)
        path = os.path.join(folder, "stats")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                figures.update(read_stats(json.load(file), figures["all_operations"]))
        return figures


def read_go(output: str) -> Figures:
    """Return the figures of the one benchmark in Go's output."""
    for line in output.splitlines():
        if line.startswith("Benchmark"):
            words = line.split()
            units = {unit: float(value) for value, unit in zip(words[2::2], words[3::2])}
            return {"operations": float(words[1]), "ns": units["ns/op"], "bytes_per_op": units["B/op"],
                    "requests_per_op": units["allocs/op"]}
    raise ValueError("no benchmark in Go's output")


def read_stats(stats: dict[str, Any], operations: float) -> Figures:
    """Return what Tidepool counted, by operation; the few requests of the program's start are in it."""
    totals, large = stats["totals"], stats["large"]
    asked = sum(size["size"] * size["gets"] for size in stats["classes"]) + large["bytes"]
    figures = {"bytes_per_op": asked / operations, "requests_per_op": (totals["gets"] + large["gets"]) / operations}
    if stats["mode"] != "count":
        past = totals["from_slab"] + totals["unpooled"] + totals["backend_calls"] + large["gets"]
        figures["backend_per_op"] = past / operations
    return figures


def go_test(build: str) -> str:
    return places.program(build, "guides/guides.test")


def columns(build: str) -> tuple[list[Allocator], list[str]]:
    """Return (the allocators that only the guides have, notes on those that are missing)."""
    counted = Allocator(COUNT, places.library(build), guides_only=True)
    if os.access(go_test(build), os.X_OK):
        return [Allocator(name, None, guides_only=True) for name in GO_CASES] + [counted], []
    return [counted], ["go is missing: no %s; Debian's golang-go and 'make bench-build' make it" % go_test(build)]

"""The workloads of the sync.Pool guides: in Go with and without a pool, in C with malloc and free.

Beside the times it counts: how much each operation asks for, and how often one got past the pools, to a slab or
to the backend. Go counts for itself; over glibc it is TIDEPOOL_MODE=count. A realloc is a request where it moves:
glibc often grows in place, Go never does, and Tidepool moves when the class changes.
"""

import json
import os

import field
import measure
from kinds import SuiteProgram

GO, GO_POOL, COUNT = "go", "go-pool", "count"
GO_CASES = {GO: "plain", GO_POOL: "pool"}

# row: (the C program and its arguments before the number of operations, Go's benchmark, operations, in a quick run)
ROWS = {
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

    def __init__(self):
        super().__init__("guides", "guides: what the guides to sync.Pool pool, in Go and in C", ROWS, by_default=False)
        self.key = "ns"

    def needed(self):
        return sorted({"guides/" + ROWS[row][0].split()[0] for row in self.rows})

    def runs_under(self, allocator):
        return allocator.guides_only or allocator.name not in (*field.PEER_LIBRARIES, field.NULL)

    def command(self, row, allocator, options):
        words, benchmark, *operations = ROWS[row]
        count = str(operations[options.quick])
        if allocator.name in GO_CASES:
            return [go_test(options.build), "-test.run=^$", "-test.benchmem", "-test.benchtime=%sx" % count,
                    "-test.bench=^Benchmark%s$/^%s$" % (benchmark, GO_CASES[allocator.name])], allocator.environment()
        program, *arguments = words.split()
        environment = allocator.environment()
        if allocator.is_tidepool or allocator.name == COUNT:
            environment.update(TIDEPOOL_STATS="json", TIDEPOOL_STATS_FILE=measure.FOLDER + "/stats",
                               TIDEPOOL_MODE="count" if allocator.name == COUNT else "pool")
        return [os.path.join(options.build, "bench", "guides", program), *arguments, count], environment

    def read(self, output, folder):
        if output.startswith("goos:"):
            return read_go(output)
        figures = measure.parse_pairs(output)
        path = os.path.join(folder, "stats")
        if os.path.exists(path):
            with open(path) as file:
                figures.update(read_stats(json.load(file), figures["all_operations"]))
        return figures


def read_go(output):
    """Return the figures of the one benchmark in Go's output."""
    for line in output.splitlines():
        if line.startswith("Benchmark"):
            words = line.split()
            units = {unit: float(value) for value, unit in zip(words[2::2], words[3::2])}
            return {"operations": float(words[1]), "ns": units["ns/op"], "bytes_per_op": units["B/op"],
                    "requests_per_op": units["allocs/op"]}
    raise ValueError("no benchmark in Go's output")


def read_stats(stats, operations):
    """Return what Tidepool counted, by operation; the few requests of the program's start are in it."""
    totals, large = stats["totals"], stats["large"]
    asked = sum(size["size"] * size["gets"] for size in stats["classes"]) + large["bytes"]
    figures = {"bytes_per_op": asked / operations, "requests_per_op": (totals["gets"] + large["gets"]) / operations}
    if stats["mode"] != "count":
        past = totals["from_slab"] + totals["unpooled"] + totals["backend_calls"] + large["gets"]
        figures["backend_per_op"] = past / operations
    return figures


def go_test(build):
    return os.path.join(build, "bench", "guides", "guides.test")


def columns(build):
    """Return (the allocators that only the guides have, notes on those that are missing)."""
    counted = field.Allocator(COUNT, os.path.join(build, "libtidepool.so"), guides_only=True)
    if os.access(go_test(build), os.X_OK):
        return [field.Allocator(name, None, guides_only=True) for name in GO_CASES] + [counted], []
    return [counted], ["go is missing: no %s; Debian's golang-go and 'make bench-build' make it" % go_test(build)]

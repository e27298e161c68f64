"""Tables of figures as Markdown: medians over the rounds."""

import statistics
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from harness.field import modes
from harness.field.allocators import NULL, TIDEPOOL
from harness.field.peers import JEMALLOC
from harness.figures.numbers import median_and_range, middle, number, quotient, size_label
from harness.figures.results import Results
from harness.programs import guides

NAMES = {"tidepool": "Tidepool", "go": "Go", "go-pool": "Go, sync.Pool"}  # those that differ from the allocator's
FREED = {
    "idle": (("live_over_mib", "alive, MiB"), ("freed_over_mib", "freed, MiB"), ("after1_over_mib", "1 s after, MiB"),
             ("after2_over_mib", "2 s after, MiB")),
    "crowd": (("peak_mib", "peak MiB"), ("after2_mib", "2 s after, MiB"), ("seconds", "seconds")),
}
MANY_CPUS = 16
BEHIND = 1.10  # a row above this, to the best of the others, is one that Tidepool is not first in


def shown(name: str) -> str:
    return NAMES.get(name, name)


def markdown(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table as lines; all cells are text."""
    return ["| %s |" % " | ".join(cells) for cells in (heading, ["---"] * len(heading), *rows)]


def measured(about: dict[str, Any], laps: bool = False) -> list[str]:
    """Return the lines above a table: when, on what, how often; laps: whether short rows were run more often."""
    rounds = "%d round%s" % (about["rounds"], "s" * (about["rounds"] > 1))
    return ["%s: %s, %d CPUs, Linux %s, %s; medians of %s%s." % (
        about["started"][:10], about["processor"], about["cpus"], ".".join(about["kernel"].split(".")[:2]),
        about["libc"], rounds, ", short rows up to 5 times in each" if laps else ""), ""]


def sizes(results: Results) -> list[str]:
    """pair, and a row or two of batch, mixed and pass."""
    names = results.names("pair")
    cases = [("pair", size, size_label(size)) for size in results.rows("pair")]
    cases += [("batch", 32768, "32 KiB, 64 at a time"), ("mixed", 1024, "1 B to 1 KiB, at random among 1024"),
              ("pass", 64, "64 B, from thread to thread"), ("pass", 4096, "4 KiB, from thread to thread")]
    rows = []
    for program, row, label in cases:
        ratio = results.ratios(program, row, TIDEPOOL, NULL, "ns")
        rows.append([label, *(number(results.median(program, row, name, "ns")) for name in names),
                     quotient(middle(ratio))])
    return measured(results.about) + markdown(["ns", *map(shown, names), "Tidepool / null"], rows)


def start(results: Results) -> list[str]:
    """Python's heap, and what a preload adds to a process."""
    names = [name for name in results.names("startup") if name != NULL]

    def cells(program: str, key: str, scale: float = 1) -> list[str]:
        values: list[Collection[float]] = [results.values(program, None, name, key).values() for name in names]
        return [median_and_range([value * scale for value in each]) if each else "-" for each in values]

    return markdown(["", *map(shown, names)], [
        ["python builds a heap of dicts and lists, s", *cells("heap", "seconds")],
        ["added to `/bin/true`, ms", *cells("startup", "added_us", 1e-3)],
        ["added to `/bin/true`, peak MiB", *cells("startup", "added_memory_mib")]])


def suite(results: Results) -> list[str]:
    """Geometric means over jemalloc, of the suite, of the real programs, of both."""
    names = results.names("suite")
    every = {name: [(name, row) for row in results.rows(name)] for name in ("suite", "real")}
    parts = [("%d patterns of the suite" % len(every["suite"]), every["suite"]),
             ("%d real programs" % len(every["real"]), every["real"]),
             ("all %d" % sum(map(len, every.values())), every["suite"] + every["real"])]
    rows = [["%s, %s" % (part, what), *(quotient(results.mean(of, name, key, JEMALLOC)[0]) for name in names)]
            for key, what in (("seconds", "time"), ("peak_mib", "peak memory")) for part, of in parts]
    return measured(results.about, laps=True) + markdown(["", *map(shown, names)], rows)


def behind(results: Results) -> list[str]:
    """The rows in which another is more than a tenth faster, or jemalloc needs a tenth less memory, the worst first."""
    found = []
    for program in ("suite", "real"):
        for row in results.rows(program):
            for key, what in (("seconds", "time"), ("peak_mib", "peak memory")):
                other = results.best_other(program, row, key, TIDEPOOL) if key == "seconds" else JEMALLOC
                ratios = results.ratios(program, row, TIDEPOOL, other, key)
                if other and ratios and ratios[0] > BEHIND:
                    found.append((what, ratios, row, other))
    found.sort(key=lambda one: (one[0] != "time", -one[1][0]))
    return markdown(["row", "what", "Tidepool / the other", "rounds", "the other"], [
        ["`%s`" % row, what, quotient(ratios[0]), "%s to %s" % (quotient(ratios[1]), quotient(ratios[2])), other]
        for what, ratios, row, other in found])


def scaling(results: Results) -> list[str]:
    """Throughput and memory with more and more threads."""
    threads = results.rows("scaling")
    rows = [["%s, %s" % (shown(name), what), *(number(results.median("scaling", row, name, key)) for row in threads)]
            for key, what in (("million_per_s", "million/s"), ("peak_mib", "peak MiB"))
            for name in results.names("scaling")]
    lines = measured(results.about, laps=True)
    if results.about["cpus"] < MANY_CPUS:
        lines[0] += " No machine with more cores was at hand."
    return lines + markdown(["threads", *map(str, threads)], rows)


def mode(results: Results) -> list[str]:
    """What a profile costs, and a kernel without restartable sequences."""
    cases = [("pair", size, "malloc and its free, %s, ns" % size_label(size), "ns") for size in results.rows("pair")]
    cases += [("real", row, "%s, CPU s" % row, "cpu_s") for row in results.rows("real")]
    others = (modes.PROFILED, modes.LOCKED)
    rows = []
    for program, row, label, key in cases:
        cells = [number(results.median(program, row, TIDEPOOL, key))]
        for name in others:
            ratios = results.ratios(program, row, name, TIDEPOOL, key)
            cells += ["-", "-"] if ratios is None else [number(results.median(program, row, name, key)),
                                                        "%s (%s to %s)" % tuple(map(quotient, ratios))]
        rows.append([label, *cells])
    return measured(results.about, laps=True) + markdown(
        ["", "Tidepool", "with a profile", "ratio", "without rseq", "ratio"], rows)


def guide(results: Results) -> list[str]:
    """The guides to sync.Pool, ns an operation."""
    labels = {"log": "log line in a growing buffer", "json_encode": "JSON encode", "json_decode": "JSON decode",
              "http": "HTTP response", "copy": "file copy, 32 KiB buffer", "buffer": "4096-byte buffer in a loop",
              "buffer_parallel": "the same, %d threads" % results.about["cpus"],
              "buffer_batch": "the same, 64 at a time"}
    names = [name for name in results.names("guides") if name != guides.COUNT]
    rows = [[labels[row], *(number(results.median("guides", row, name, "ns")) for name in names),
             quotient(middle(results.ratios("guides", row, TIDEPOOL, guides.GO_POOL, "ns")))]
            for row in results.rows("guides")]
    return measured(results.about) + markdown(["ns", *map(shown, names), "Tidepool / sync.Pool"], rows)


def freed(results: Results) -> list[str]:
    """What is left of memory that was freed, and threads that stay."""
    cases = [("idle", row, "200 MiB, %s" % row.partition(" (")[0]) for row in results.rows("idle")]
    cases += [("crowd", row, "1,000 threads, %s" % row.partition(": ")[2]) for row in results.rows("crowd")
              if not row.startswith("empty")]
    names = results.names("idle")
    rows = [["%s: %s" % (label, what), *(number(results.median(program, row, name, key)) for name in names)]
            for program, row, label in cases for key, what in FREED[program]]
    return measured(results.about) + markdown(["", *map(shown, names)], rows)


def compare(data: dict[str, Any]) -> list[str]:
    """Four programs under `tidepool compare`: medians, and how many requests the pools left to what is behind them."""
    names = list(dict.fromkeys(name for program in data["programs"] for name in program["columns"]))
    rows = []
    for program in data["programs"]:
        columns = program["columns"]
        rows.append(["**%s**" % program["what"], *([""] * len(names))])
        for key, what, scale in (("wall_s", "time, s", 1), ("cpu_s", "CPU time, s", 1),
                                 ("peak_rss_bytes", "peak MiB", 2 ** -20)):
            values = [columns.get(name, {}).get(key) for name in names]
            rows.append([what, *(number(statistics.median(each) * scale) if each else "-" for each in values)])
        of, behind_them = (statistics.median(columns["pooled"][key]) for key in ("requests", "backend_requests"))
        unserved = "%s of %s" % (format(round(behind_them), ","), format(round(of), ","))
        rows.append(["requests that no pool served", *(unserved if name == "pooled" else "" for name in names)])
    return measured(data) + markdown(["", *names], rows)


def tune(data: dict[str, Any]) -> list[str]:
    """Four programs under `tidepool tune`: with the default policy, and with theirs."""
    def both(program: dict[str, Any], show: Callable[[dict[str, Any]], str]) -> str:
        return ", ".join(show(program["policies"][name]) for name in ("default", "tuned"))

    rows = [[program["what"], both(program, lambda one: number(one["waste_bytes"] * 2 ** -20)),
             both(program, lambda one: number(statistics.median(one["peak_rss_bytes"]) * 2 ** -20)),
             both(program, lambda one: median_and_range(one["cpu_s"]))] for program in data["programs"]]
    return measured(data) + markdown(["", "unused inside objects, MiB", "peak memory, MiB", "CPU, s"], rows)

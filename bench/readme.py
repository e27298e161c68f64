"""The README's tables of figures, as Markdown, each from one file of bench/results: medians over the rounds.

scripts/check-tree puts them there (make generate) and says where they differ.
"""

import json
import os
import statistics

import field
import guides
import modes
import results as results_file
from kinds import size_label
from tables import number, quotient

RESULTS = "bench/results"
NAMES = {"tidepool": "Tidepool", "go": "Go", "go-pool": "Go, sync.Pool"}  # those that differ from the allocator's
MANY_CPUS = 16
BEHIND = 1.10  # a row above this, to the best of the others, is one that Tidepool is not first in


def shown(name):
    return NAMES.get(name, name)


def markdown(heading, rows):
    """Return a table as lines; all cells are text."""
    return ["| %s |" % " | ".join(cells) for cells in (heading, ["---"] * len(heading), *rows)]


def measured(about, laps=False):
    """Return the lines above a table: when, on what, how often; laps: whether short rows were run more often."""
    rounds = "%d round%s" % (about["rounds"], "s" * (about["rounds"] > 1))
    return ["%s: %s, %d CPUs, Linux %s, %s; medians of %s%s." % (
        about["started"][:10], about["processor"], about["cpus"], ".".join(about["kernel"].split(".")[:2]),
        about["libc"], rounds, ", short rows up to 5 times in each" if laps else ""), ""]


def spread(values):
    return "%s (%s to %s)" % (number(statistics.median(values)), number(min(values)), number(max(values)))


def sizes(results):
    """pair, and a row or two of batch, mixed and pass."""
    names = results.names("pair")
    cases = [("pair", size, size_label(size)) for size in results.rows("pair")]
    cases += [("batch", 32768, "32 KiB, 64 at a time"), ("mixed", 1024, "1 B to 1 KiB, at random among 1024"),
              ("pass", 64, "64 B, from thread to thread"), ("pass", 4096, "4 KiB, from thread to thread")]
    rows = []
    for program, row, label in cases:
        ratio = results.ratios(program, row, field.TIDEPOOL, field.NULL, "ns")
        rows.append([label, *(number(results.median(program, row, name, "ns")) for name in names), quotient(ratio)])
    return measured(results.about) + markdown(["ns", *map(shown, names), "Tidepool / null"], rows)


def start(results):
    """Python's heap, and what a preload adds to a process."""
    names = [name for name in results.names("startup") if name != field.NULL]

    def cells(program, key, scale=1):
        values = [results.values(program, None, name, key).values() for name in names]
        return [spread([value * scale for value in each]) if each else "-" for each in values]

    return markdown(["", *map(shown, names)], [
        ["python builds a heap of dicts and lists, s", *cells("heap", "seconds")],
        ["added to `/bin/true`, ms", *cells("startup", "added_us", 1e-3)],
        ["added to `/bin/true`, peak MiB", *cells("startup", "added_memory_mib")]])


def suite(results):
    """Geometric means over jemalloc, of the suite, of the real programs, of both."""
    names = results.names("suite")
    every = {name: [(name, row) for row in results.rows(name)] for name in ("suite", "real")}
    parts = [("%d patterns of the suite" % len(every["suite"]), every["suite"]),
             ("%d real programs" % len(every["real"]), every["real"]),
             ("all %d" % sum(map(len, every.values())), every["suite"] + every["real"])]
    rows = [["%s, %s" % (part, what), *(quotient(results.mean_of(of, name, field.JEMALLOC, key)) for name in names)]
            for key, what in (("seconds", "time"), ("peak_mib", "peak memory")) for part, of in parts]
    return measured(results.about, laps=True) + markdown(["", *map(shown, names)], rows)


def behind(results):
    """The rows in which another is more than a tenth faster, or jemalloc needs a tenth less memory, the worst first."""
    found = []
    for program in ("suite", "real"):
        for row in results.rows(program):
            for key, what in (("seconds", "time"), ("peak_mib", "peak memory")):
                other = results.best_other(program, row, key, field.TIDEPOOL) if key == "seconds" else field.JEMALLOC
                ratios = results.ratios(program, row, field.TIDEPOOL, other, key)
                if ratios and ratios[0] > BEHIND:
                    found.append((what, ratios, row, other))
    found.sort(key=lambda each: (each[0] != "time", -each[1][0]))
    return markdown(["row", "what", "Tidepool / the other", "rounds", "the other"], [
        ["`%s`" % row, what, quotient(ratios), "%s to %s" % (quotient(ratios[1]), quotient(ratios[2])), other]
        for what, ratios, row, other in found])


def scaling(results):
    """Throughput and memory with more and more threads."""
    threads = results.rows("scaling")
    rows = [["%s, %s" % (shown(name), what), *(number(results.median("scaling", row, name, key)) for row in threads)]
            for key, what in (("million_per_s", "million/s"), ("peak_mib", "peak MiB"))
            for name in results.names("scaling")]
    lines = measured(results.about, laps=True)
    if results.about["cpus"] < MANY_CPUS:
        lines[0] += " No machine with more cores was at hand."
    return lines + markdown(["threads", *map(str, threads)], rows)


def mode(results):
    """What a profile costs, and a kernel without restartable sequences."""
    cases = [("pair", size, "malloc and its free, %s, ns" % size_label(size), "ns") for size in results.rows("pair")]
    cases += [("real", row, "%s, CPU s" % row, "cpu_s") for row in results.rows("real")]
    others = (modes.PROFILED, modes.LOCKED)
    rows = []
    for program, row, label, key in cases:
        cells = [number(results.median(program, row, field.TIDEPOOL, key))]
        for name in others:
            ratios = results.ratios(program, row, name, field.TIDEPOOL, key)
            cells += ["-", "-"] if ratios is None else [number(results.median(program, row, name, key)),
                                                        "%s (%s to %s)" % tuple(map(quotient, ratios))]
        rows.append([label, *cells])
    return measured(results.about, laps=True) + markdown(
        ["", "Tidepool", "with a profile", "ratio", "without rseq", "ratio"], rows)


def guide(results):
    """The guides to sync.Pool, ns an operation."""
    labels = {"log": "log line in a growing buffer", "json_encode": "JSON encode", "json_decode": "JSON decode",
              "http": "HTTP response", "copy": "file copy, 32 KiB buffer", "buffer": "4096-byte buffer in a loop",
              "buffer_parallel": "the same, %d threads" % results.about["cpus"],
              "buffer_batch": "the same, 64 at a time"}
    names = [name for name in results.names("guides") if name != guides.COUNT]
    rows = [[labels[row], *(number(results.median("guides", row, name, "ns")) for name in names),
             quotient(results.ratios("guides", row, field.TIDEPOOL, guides.GO_POOL, "ns"))]
            for row in results.rows("guides")]
    return measured(results.about) + markdown(["ns", *map(shown, names), "Tidepool / sync.Pool"], rows)


def freed(results):
    """What is left of memory that was freed, and threads that stay."""
    idle = (("live_over_mib", "alive, MiB"), ("freed_over_mib", "freed, MiB"), ("after1_over_mib", "1 s after, MiB"),
            ("after2_over_mib", "2 s after, MiB"))
    crowd = (("peak_mib", "peak MiB"), ("after2_mib", "2 s after, MiB"), ("seconds", "seconds"))
    cases = [("idle", row, "200 MiB, %s" % row.partition(" (")[0], idle) for row in results.rows("idle")]
    cases += [("crowd", row, "1,000 threads, %s" % row.partition(": ")[2], crowd) for row in results.rows("crowd")
              if not row.startswith("empty")]
    names = results.names("idle")
    rows = [["%s: %s" % (label, what), *(number(results.median(program, row, name, key)) for name in names)]
            for program, row, label, keys in cases for key, what in keys]
    return measured(results.about) + markdown(["", *map(shown, names)], rows)


def compare(data):
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


def tune(data):
    """Four programs under `tidepool tune`: with the default policy, and with theirs."""
    def both(program, show):
        return ", ".join(show(program["policies"][name]) for name in ("default", "tuned"))

    rows = [[program["what"], both(program, lambda one: number(one["waste_bytes"] * 2 ** -20)),
             both(program, lambda one: number(statistics.median(one["peak_rss_bytes"]) * 2 ** -20)),
             both(program, lambda one: spread(one["cpu_s"]))] for program in data["programs"]]
    return measured(data) + markdown(["", "unused inside objects, MiB", "peak memory, MiB", "CPU, s"], rows)


# Those made of a file that bench/compare.py or bench/tune.py wrote, by the command it names; all that is to be said of it.
PLAIN = {"compare": compare, "tune": tune}


def read_plain(path):
    """Return such a file."""
    with open(path) as file:
        return json.load(file)


# kind: (the file of bench/results, the table)
TABLES = {"sizes": ("bench.json", sizes), "start": ("bench.json", start), "suite": ("bench.json", suite),
          "behind": ("bench.json", behind), "scaling": ("scaling.json", scaling), "guides": ("guides.json", guide),
          "freed": ("tide.json", freed), "compare": ("compare.json", compare), "tune": ("tune.json", tune),
          "modes": ("modes.json", mode)}


def table(kind):
    """Return the lines of one of TABLES."""
    name, make = TABLES[kind]
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    read = read_plain if kind in PLAIN else results_file.read
    return make(read(os.path.join(root, RESULTS, name)))

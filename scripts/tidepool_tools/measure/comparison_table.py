"""The tables of `tidepool compare`: the data it writes as JSON, for people."""

from collections.abc import Iterable, Iterator
from typing import Any

from ..base.figures import bytes_text, change_text, count_text, plural, printable, seconds_text
from .measures import BYTES, COUNT, MEASURES, Measure, NOTES, SECONDS
from .samples import SIGNIFICANT

LABEL_WIDTH = 24
COLUMN_WIDTH = 28


WRITERS = {BYTES: bytes_text, COUNT: count_text, SECONDS: seconds_text}


def row(label: str, cells: Iterable[str]) -> str:
    """One line of a table."""
    return (label.ljust(LABEL_WIDTH) + "".join(cell.rjust(COLUMN_WIDTH) for cell in cells)).rstrip()


def change(figures: dict[str, Any], reference: dict[str, Any]) -> str:
    """How much a median differs from the first column's, and whether that is more than chance."""
    difference = "from 0 " if figures["median"] else ""
    if reference["median"]:
        difference = change_text(reference["median"], figures["median"]) + " "
    verdict = "" if figures["p"] < SIGNIFICANT else "chance, "
    return f"{difference}({verdict}p {figures['p']:.3f})"


def measure_lines(measure: Measure, summaries: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of one figure: medians, their spread, and the difference from the first column."""
    known, write = [each.get(measure.key) for each in summaries], WRITERS[measure.unit]
    if not any(known):
        return
    yield row(measure.label, [write(each["median"]) if each else "-" for each in known])
    if any(each and each["min"] != each["max"] for each in known):
        yield row("", [f"{write(each['min'])} .. {write(each['max'])}" if each else ""
                       for each in known])
    if measure.tested and known[0] and any(each and each["median"] != known[0]["median"] for each in known[1:]):
        yield row("", [""] + [change(each, known[0]) if each else "" for each in known[1:]])


def operation_lines(data: dict[str, Any]) -> Iterator[str]:
    """The table of Go's benchmarks: what one operation costs."""
    yield row("", ["ns/op", "B/op", "allocs/op"])
    for column in data["columns"]:
        summary = data["summary"][column["name"]]
        cells = []
        for key, factor in (("wall_s", 1e9), ("backend_bytes", 1), ("backend_requests", 1)):
            value = summary[key]["median"] * factor / data["ops"] if key in summary else None
            cells.append("-" if value is None else f"{value:,.{0 if value >= 100 else 2}f}")
        yield row(column["name"], cells)
    yield ""


def process_lines(data: dict[str, Any]) -> Iterator[str]:
    """A row for each process of the first round, the busiest first."""
    for column in data["columns"]:
        processes = next((sample["processes_seen"] for sample in data["samples"]
                          if sample["column"] == column["name"] and sample.get("processes_seen")), None)
        if not processes:
            continue
        yield f"processes, {column['name']}, round 1"
        yield row("  program (pid)", ["requests", "reached the backend", "peak memory"])
        for each in processes:
            yield row(f"  {printable(each['program'])} ({each['pid']})",
                      [count_text(each["requests"]), count_text(each["backend_requests"]),
                       bytes_text(each["peak_rss_bytes"])])
        yield ""


def system_call_lines(data: dict[str, Any]) -> Iterator[str]:
    """How many system calls each column's one run under a tracer made, and the most frequent of them."""
    if not data["system_calls"]:
        return
    names = [column["name"] for column in data["columns"]]
    calls = data["system_calls"]
    yield row("system calls, one run", [f"{calls[name]['total']:,}" if name in calls else "-" for name in names])
    frequent = sorted({call for each in calls.values() for call in each["by_name"]},
                      key=lambda call: -max(int(each["by_name"].get(call, 0)) for each in calls.values()))
    for call in frequent[:10]:
        yield row("  " + call, [f"{calls[name]['by_name'].get(call, 0):,}" if name in calls else "-" for name in names])
    yield ""


def lines(data: dict[str, Any], children: bool) -> Iterator[str]:
    """All that is printed of a comparison."""
    if data["ops"]:
        yield from operation_lines(data)
    names = [column["name"] for column in data["columns"]]
    yield row(f"{plural(data['rounds_measured'], 'round')}, medians", names)
    for measure in MEASURES:
        yield from measure_lines(measure, [data["summary"][name] for name in names])
    yield ""
    yield from system_call_lines(data)
    if children:
        yield from process_lines(data)
    yield (f"under a median: the lowest and highest; then the change from {names[0]}, with the chance (p) of one so\n"
           f"  large where nothing differs, by Mann and Whitney's test; from {SIGNIFICANT} on it says: chance")
    yield from NOTES

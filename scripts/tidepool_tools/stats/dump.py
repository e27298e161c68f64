"""A dump of the statistics: of one process, or what several did together. The only reader and writer of its JSON.

Which counters there are is the schema's business: a dump has all of them, zero where an older library wrote none, and
those that only a newer one knows. A dump is another program's output. Read strictly, one that is not whole is NotADump;
otherwise what is missing, or is no number that a counter can have, is 0, and every text is one.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import names, schema

LARGEST = float(1 << 64)
NOT_COUNTED = ("size", "policy")  # in a class's row, beside its counters

Row = dict[str, float]  # counters by name, those of a group with its name: hits.local


class NotADump(Exception):
    """Why a text is not a dump, in a few words."""


class Fields:
    """The fields of a JSON object, each as what it should be."""

    def __init__(self, raw: Any, strict: bool) -> None:
        self.raw: dict[str, Any] = self.right(raw, isinstance(raw, dict), {}, strict)
        self.strict = strict

    @staticmethod
    def right(value: Any, is_right: bool, other: Any, strict: bool) -> Any:
        """The value, or where it is not right `other`; NotADump if that is not to be."""
        if not is_right and strict:
            raise NotADump("JSON, but not a dump of Tidepool's statistics")
        return value if is_right else other

    def number(self, name: str, optional: bool = False) -> float:
        """A number that a counter can have."""
        value = self.raw.get(name, 0 if optional else None)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        right = is_number and math.isfinite(value) and 0 <= value <= LARGEST
        found: float = self.right(value, right, 0, self.strict)
        return found

    def text(self, name: str) -> str:
        """A text, always optional."""
        value = self.raw.get(name)
        return value if isinstance(value, str) else ""

    def inner(self, name: str, optional: bool = False) -> "Fields":
        """The object in a field."""
        return Fields(self.raw.get(name, {} if optional else None), self.strict)

    def inners(self, name: str, optional: bool = False) -> list["Fields"]:
        """The objects in a list."""
        value = self.raw.get(name, [] if optional else None)
        items = self.right(value, isinstance(value, list), [], self.strict)
        return [Fields(item, self.strict) for item in items if self.strict or isinstance(item, dict)]

    def texts(self, name: str) -> list[str]:
        """One text, or the list of them that a sum has."""
        value = self.raw.get(name)
        listed = value if isinstance(value, list) else [value]
        found: list[str] = self.right(listed, all(isinstance(item, str) for item in listed), [], self.strict)
        return found

    def row(self, part: str) -> Row:
        """The counters among the fields, and those of the part that are not there as 0."""
        row: Row = {counter.name: 0 for counter in schema.counters(part)}
        groups = {name.partition(".")[0] for name in row if "." in name}
        for name in self.raw:
            if name in groups or isinstance(self.raw[name], dict) and name not in NOT_COUNTED:
                group = self.inner(name)
                row.update((f"{name}.{each}", group.number(each)) for each in group.raw)
            elif name not in NOT_COUNTED:
                row[name] = self.number(name)
        return row


def hits(row: Row) -> float:
    """Requests that a pool served."""
    return sum(value for name, value in row.items() if name.startswith("hits."))


def pooled(row: Row) -> float:
    """Requests that a pool could have served."""
    return row["gets"] - row["unpooled"]


def nested(row: Row) -> dict[str, Any]:
    """A row as the JSON has it."""
    values: dict[str, Any] = {}
    for name, value in row.items():
        group, _, inner = name.rpartition(".")
        (values.setdefault(group, {}) if group else values)[inner] = value
    return values


@dataclass(frozen=True)
class Decision:
    """What the policy did with a class: admitted or dismissed it, when and why."""
    size: int
    admitted: bool
    at_s: float
    why: str
    mode: str = ""
    capacity: float = 0


@dataclass
class Dump:
    """One dump of one process, or a sum of several; what only one process has is then the first one's."""
    programs: list[str]
    pids: list[int]
    versions: list[str]
    processes: int
    uptime_s: float
    totals: Row
    classes: dict[int, Row]  # by the object's size in bytes
    large: Row
    turn: Row
    peak_rss_bytes: float  # of the process that had most
    peak_rss_sum_bytes: float
    by_program: dict[str, "Dump"] = field(default_factory=dict)  # of a sum
    mode: str = ""
    cache_guard: str = ""
    caches: int = 0
    started_s: float = 0
    policies: list[Decision] = field(default_factory=list)  # the last of each class, by size
    changes: list[Decision] = field(default_factory=list)  # the oldest first
    sizes: dict[int, float] = field(default_factory=dict)  # requested bytes -> gets
    histogram: dict[str, Any] | None = None

    @property
    def program(self) -> str:
        return self.programs[0] if self.programs else "?"

    @property
    def pid(self) -> int:
        return self.pids[0] if self.pids else 0

    def hot(self) -> list[tuple[int, Row]]:
        """(size, counters) by falling requests."""
        return sorted(((size, row) for size, row in self.classes.items() if row["gets"] or row["puts"]),
                      key=lambda item: (-item[1]["gets"], item[0]))

    def parts(self) -> list[tuple[str, "Dump"]]:
        """What each program did."""
        return list(self.by_program.items()) or [(self.program, self)]

    def data(self) -> dict[str, Any]:
        """The sum as JSON: the fields of a dump, lists where a dump has one of something."""
        data = {"schema": names.CURRENT, "version": self.versions, "processes": self.processes, "pids": self.pids,
                "program": self.programs, "uptime_s": self.uptime_s, "totals": nested(self.totals),
                "classes": [{"size": size, **nested(row)} for size, row in sorted(self.classes.items())],
                "large": nested(self.large), "turn": nested(self.turn),
                "peak_rss_bytes": {"max": self.peak_rss_bytes, "sum": self.peak_rss_sum_bytes}}
        if self.by_program:
            data["by_program"] = {program: each.data() for program, each in sorted(self.by_program.items())}
        return data


def read_decision(size: float, said: Fields, when: str) -> Decision:
    """How a class stands, or a change of that; `when` is the field that says since when."""
    return Decision(int(size), said.raw.get("admitted") is True, said.number(when, True), said.text("why"),
                    said.text("mode"), said.number("capacity", True))


def read_sizes(histogram: Fields) -> dict[int, float]:
    """Requests by the bytes they asked for, where the library counted them."""
    pairs = histogram.raw.get("sizes")
    sizes: dict[int, float] = {}
    for pair in pairs if isinstance(pairs, list) else []:
        if isinstance(pair, list) and len(pair) == 2:
            each = Fields({"asked": pair[0], "gets": pair[1]}, histogram.strict)
            asked = int(each.number("asked"))
            sizes[asked] = sizes.get(asked, 0) + each.number("gets")
    return sizes


def read(raw: Any, strict: bool = True) -> Dump:
    """The Dump that a JSON object is."""
    fields = Fields(names.current(raw), strict)
    classes = fields.inners("classes")
    peak = fields.raw.get("peak_rss_bytes")
    peaks = Fields(peak if isinstance(peak, dict) else {"max": peak, "sum": peak}, strict)
    pids = fields.raw.get("pids") if "pids" in fields.raw else [int(fields.number("pid"))]
    histogram = fields.inner("histogram", True)
    rows = {size: each.row("totals") for each in classes for size in [int(each.number("size"))] if size}
    programs = fields.raw.get("by_program")
    return Dump(
        programs=fields.texts("program"), pids=pids if isinstance(pids, list) else [], versions=fields.texts("version"),
        processes=int(fields.number("processes", True)) or 1, uptime_s=fields.number("uptime_s"),
        totals=fields.inner("totals").row("totals"), classes=rows, large=fields.inner("large").row("large"),
        turn=fields.inner("turn").row("turn"), peak_rss_bytes=peaks.number("max"),
        peak_rss_sum_bytes=peaks.number("sum"),
        by_program={name: read(each, strict) for name, each in programs.items()} if isinstance(programs, dict) else {},
        mode=fields.text("mode"), cache_guard=fields.text("cache_guard"), caches=int(fields.number("caches", True)),
        started_s=fields.number("started_s", True),
        policies=[read_decision(each.number("size"), each.inner("policy"), "since_s") for each in classes
                  if isinstance(each.raw.get("policy"), dict)],
        changes=[read_decision(each.number("size"), each, "at_s") for each in fields.inners("changes", True)],
        sizes=read_sizes(histogram), histogram=histogram.raw or None)


def read_lines(lines: Iterable[str], strict: bool = True) -> tuple[list[Dump], list[tuple[int, str]]]:
    """Read a file, a dump or a sum on each line. Returns (the dumps, [(line number, what is wrong with it)])."""
    dumps, wrong = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            if not strict and not (isinstance(raw, dict) and isinstance(raw.get("classes"), list)):
                raise NotADump("not a dump")
            dumps.append(read(raw, strict))
        except (ValueError, RecursionError) as error:
            wrong.append((number, f"not JSON: {error}"))
        except NotADump as reason:
            wrong.append((number, str(reason)))
    return dumps, wrong

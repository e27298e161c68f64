"""Statistics dumps: what the library wrote as JSON, one dump a line, of one or many processes.

A dump is another program's output: every number is made one, every text a text, what is missing is 0 or empty.
"""

import json
import math
from dataclasses import dataclass, field

from . import names

HITS = ("local", "overflow", "stolen", "victim")
PLAIN = ("gets", "from_slab", "puts", "spilled", "unpooled", "refilled", "drained", "held_objects", "held_bytes",
         "slab_bytes", "backend_calls", "backend_bytes")
LARGE = ("gets", "puts", "bytes", "live_bytes")
TURN = ("ticks", "turns", "refused", "pressure_events", "drained_objects", "drained_bytes", "tick_ns",
        "returned_bytes", "held_primary_bytes", "held_victim_bytes")
LARGEST = float(1 << 64)


def number(value):
    """`value` if it is a number that a counter can have, else 0."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return 0
    return value if math.isfinite(value) and 0 <= value <= LARGEST else 0


def word(value):
    """`value` if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def items(value):
    """The objects in the list `value`, and nothing else of it."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def inner(raw, name):
    """The object `name` of an object, else an empty one."""
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def read_row(raw):
    """One class's counters, or their sum, by name; the hits beside the others."""
    row = {name: number(raw.get(name)) for name in PLAIN}
    row.update((name, number(inner(raw, "hits").get(name))) for name in HITS)
    return row


def hits(row):
    """Requests that a pool served."""
    return sum(row[name] for name in HITS)


def pooled(row):
    """Requests that a pool could have served."""
    return row["gets"] - row["unpooled"]


def add_rows(rows):
    """The sums of counters, by name."""
    return {name: sum(row[name] for row in rows) for name in (*PLAIN, *HITS)}


@dataclass
class Policy:
    """How a class stands with the policy."""
    mode: str
    admitted: bool
    since_s: float
    why: str
    capacity: int


@dataclass
class Change:
    """A class that the policy admitted or dismissed."""
    at_s: float
    size: int
    admitted: bool
    why: str


@dataclass
class Dump:
    """One dump of one process, or (merge) what several processes did together."""
    program: str
    pid: int
    version: str
    mode: str
    cache_guard: str
    caches: int
    uptime_s: float
    peak_rss_bytes: int
    totals: dict
    classes: dict  # object size in bytes -> counters
    large: dict
    turn: dict
    policies: dict = field(default_factory=dict)  # object size in bytes -> Policy
    changes: list = field(default_factory=list)
    sizes: dict = field(default_factory=dict)  # requested bytes -> gets
    process_count: int = 1

    def hot(self):
        """(size, counters) by falling requests."""
        return sorted(((size, row) for size, row in self.classes.items() if row["gets"] or row["puts"]),
                      key=lambda item: (-item[1]["gets"], item[0]))


def read_policies(raw_classes):
    """Every class's policy, by object size."""
    policies = {}
    for raw in raw_classes:
        policy = inner(raw, "policy")
        if policy:
            policies[number(raw.get("size"))] = Policy(word(policy.get("mode")), policy.get("admitted") is True,
                                                       number(policy.get("since_s")), word(policy.get("why")),
                                                       number(policy.get("capacity")))
    return policies


def read_sizes(raw):
    """Requests by the bytes they asked for, where the library counted them."""
    sizes = {}
    pairs = inner(raw, "histogram").get("sizes")
    for pair in pairs if isinstance(pairs, list) else []:
        if isinstance(pair, list) and len(pair) == 2:
            asked = number(pair[0])
            sizes[asked] = sizes.get(asked, 0) + number(pair[1])
    return sizes


def read_dump(raw):
    """The Dump of a JSON object."""
    raw = names.current(raw)
    raw_classes = items(raw.get("classes"))
    return Dump(
        program=word(raw.get("program")) or "?", pid=int(number(raw.get("pid"))), version=word(raw.get("version")),
        mode=word(raw.get("mode")), cache_guard=word(raw.get("cache_guard")), caches=int(number(raw.get("caches"))),
        uptime_s=number(raw.get("uptime_s")), peak_rss_bytes=number(raw.get("peak_rss_bytes")),
        totals=read_row(inner(raw, "totals")),
        classes={number(each.get("size")): read_row(each) for each in raw_classes if number(each.get("size"))},
        large={name: number(inner(raw, "large").get(name)) for name in LARGE},
        turn={name: number(inner(raw, "turn").get(name)) for name in TURN},
        policies=read_policies(raw_classes),
        changes=[Change(number(each.get("at_s")), number(each.get("size")), each.get("admitted") is True,
                        word(each.get("why"))) for each in items(raw.get("changes"))],
        sizes=read_sizes(raw))


def read_lines(text):
    """Return (the dumps among the lines of a file, how many lines are something else)."""
    dumps, others = [], 0
    for line in text.splitlines():
        try:
            raw = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            raw = line
        if isinstance(raw, dict) and isinstance(raw.get("classes"), list):
            dumps.append(read_dump(raw))
        elif raw is not None:
            others += 1
    return dumps, others


def by_process(dumps):
    """The dumps of each process, as lists in the order they were written; the busiest process first."""
    lives = []
    current = {}
    for dump in dumps:
        name = (dump.program, dump.pid)
        life = current.get(name)
        # A pid may come again: a process never grows younger.
        if life is None or dump.uptime_s < life[-1].uptime_s:
            life = current[name] = []
            lives.append(life)
        life.append(dump)
    return sorted(lives, key=lambda life: -life[-1].totals["gets"])


def merge(dumps):
    """What several processes did together: sums, and the largest of what cannot be added."""
    if len(dumps) == 1:
        return dumps[0]
    first = dumps[0]
    sizes = {}
    for dump in dumps:
        for asked, gets in dump.sizes.items():
            sizes[asked] = sizes.get(asked, 0) + gets
    all_sizes = {size for dump in dumps for size in dump.classes}
    return Dump(
        program=first.program, pid=first.pid, version=first.version, mode=first.mode, cache_guard=first.cache_guard,
        caches=max(dump.caches for dump in dumps), uptime_s=max(dump.uptime_s for dump in dumps),
        peak_rss_bytes=max(dump.peak_rss_bytes for dump in dumps), totals=add_rows([dump.totals for dump in dumps]),
        classes={size: add_rows([dump.classes[size] for dump in dumps if size in dump.classes]) for size in all_sizes},
        large={name: sum(dump.large[name] for dump in dumps) for name in LARGE},
        turn={name: sum(dump.turn[name] for dump in dumps) for name in TURN},
        policies=first.policies, changes=first.changes, sizes=sizes, process_count=len(dumps))

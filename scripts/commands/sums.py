"""Statistics of many processes, added up: their dumps read from files, one a line, and their sum.

Counters and levels add; none is named here, so that a new one is added as well. A sum is a dump of another
kind, and can be added again: hosts send theirs to one place.
"""

import json

from . import names

ADDED = ("totals", "large", "turn")
GROUPS = ("hits",)  # names in a dump's rows that hold numbers by name; the others are numbers


class NotADump(Exception):
    """Why a line is not a dump, in a few words."""


def parse(line):
    """The dump, or sum, that a line holds; NotADump otherwise."""
    try:
        dump = names.current(json.loads(line))
    except (ValueError, RecursionError) as error:
        raise NotADump(f"not JSON: {error}") from None
    try:
        if "by_program" in dump:
            for each in dump["by_program"].values():
                Sum().add(each)
        else:
            Sum().add(dump)
    except (TypeError, KeyError, AttributeError):
        raise NotADump("JSON, but not a dump of Tidepool's statistics") from None
    return dump


def follows(dump, earlier):
    """Whether two dumps of one file with one pid are the same process's, which never grows younger or asks less."""
    return (dump["program"] == earlier["program"] and dump.get("started_s") == earlier.get("started_s")
            and dump["uptime_s"] >= earlier["uptime_s"] and dump["totals"]["gets"] >= earlier["totals"]["gets"])


def last_of_each_process(dumps):
    """Leave out what a later dump of the same process counts again: a signal's, or those of an interval."""
    lasting, place = [], {}
    for dump in dumps:
        pid = dump.get("pid")  # a sum has none
        if pid is not None and pid in place and follows(dump, lasting[place[pid]]):
            lasting[place[pid]] = dump
            continue
        place[pid] = len(lasting)
        lasting.append(dump)
    return lasting


def read(lines):
    """Read the dumps of one file. Returns (the last dump of each process, [(line number, what is wrong with it)])."""
    dumps, wrong = [], []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            dumps.append(parse(line))
        except NotADump as reason:
            wrong.append((number, str(reason)))
    return last_of_each_process(dumps), wrong


def add_numbers(sums, values, groups=GROUPS):
    """Add the numbers of an object, by name, to those of `sums`; TypeError where something else stands there."""
    for name, value in values.items():
        if name in groups:
            add_numbers(sums.setdefault(name, {}), value, ())
        else:
            sums[name] = sums.get(name, 0) + value


def as_list(value):
    """A dump has one of what a sum lists."""
    return value if isinstance(value, list) else [value]


class Sum:
    """What processes counted together."""

    def __init__(self):
        self.processes, self.pids = 0, []
        self.versions, self.programs = set(), set()
        self.uptime_s = 0
        self.added = {name: {} for name in ADDED}
        self.classes = {}
        self.peak_rss_bytes = {"max": 0, "sum": 0}

    def add(self, dump):
        """Add a dump, or a sum."""
        for name in ADDED:
            add_numbers(self.added[name], dump[name])
        for row in dump["classes"]:
            counters = {name: value for name, value in row.items() if name not in ("size", "policy")}
            add_numbers(self.classes.setdefault(row["size"], {}), counters)
        peak = dump["peak_rss_bytes"]
        peak = peak if isinstance(peak, dict) else {"max": peak, "sum": peak}
        self.peak_rss_bytes = {"max": max(self.peak_rss_bytes["max"], peak["max"]),
                               "sum": self.peak_rss_bytes["sum"] + peak["sum"]}
        self.processes += dump.get("processes", 1)
        self.pids += as_list(dump["pid"] if "pid" in dump else dump["pids"])
        self.versions.update(as_list(dump["version"]))
        self.programs.update(as_list(dump["program"]))
        self.uptime_s = max(self.uptime_s, dump["uptime_s"])

    def data(self):
        """The sum as an object with the fields of a dump; lists where a dump has one of something."""
        return {"schema": names.CURRENT, "version": sorted(self.versions), "processes": self.processes, "pids": sorted(self.pids),
                "program": sorted(self.programs), "uptime_s": self.uptime_s, "totals": self.added["totals"],
                "classes": [{"size": size, **self.classes[size]} for size in sorted(self.classes)],
                "large": self.added["large"], "turn": self.added["turn"], "peak_rss_bytes": self.peak_rss_bytes}


def add_up(dumps):
    """The sum of dumps and sums as an object, with the sum of each program's in `by_program`."""
    whole, by_program = Sum(), {}
    for dump in dumps:
        for name, each in dump.get("by_program", {dump["program"]: dump} if "pid" in dump else {}).items():
            whole.add(each)
            by_program.setdefault(name, Sum()).add(each)
    return {**whole.data(), "by_program": {name: by_program[name].data() for name in sorted(by_program)}}

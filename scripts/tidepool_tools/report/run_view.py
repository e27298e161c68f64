"""The sections about one run's statistics: which sizes are hot, who served them, what was held and wasted."""

from typing import Any

from ..base.figures import bytes_text, count_text, plural, seconds_text, share_text, short_text, size_text
from ..stats.dump import Dump, Row, hits, pooled
from ..stats.sums import lives, sum_of
from . import chart, policy_view
from .page import Group, Page
from .parts import parts, text

# (counter, CSS class, what it means)
SOURCES = (("hits.local", "local", "own CPU's stack"), ("hits.overflow", "overflow", "own CPU's overflow"),
           ("hits.stolen", "stolen", "another CPU's overflow"), ("hits.victim", "victim", "victim generation"),
           ("from_slab", "from_slab", "a slab: no pool had one"), ("unpooled", "unpooled", "passed on, not pooled"))
TABLED = (*((name, kind.replace("_", " ")) for name, kind, _ in SOURCES), ("puts", "puts"), ("spilled", "spilled"),
          ("drained", "drained"), ("held_objects", "held objects"))
BARS = 16  # rows of a chart; the tables have all
LIVES = 3  # processes whose time is drawn


def source_values(row: Row) -> list[tuple[str, float, str]]:
    """One class's gets by who served them, for a bar."""
    return [(kind, row[name], f"{meaning}: {count_text(row[name])}") for name, kind, meaning in SOURCES]


def source_legend(dump: Dump) -> Any:
    """The colours of the sources that there were."""
    return parts.legend([(kind, meaning) for name, kind, meaning in SOURCES if dump.totals[name]])


def summary(dump: Dump) -> Any:
    """The figures that come first."""
    total, large = dump.totals, dump.large
    peak = f"resident, of the {'whole' if dump.processes == 1 else 'largest'} process"
    return parts.facts([
        ("Requests", short_text(total["gets"]),
         f"in {plural(dump.processes, 'process', 'es')}, {seconds_text(dump.uptime_s)}"),
        ("Served by pools", share_text(hits(total), pooled(total)), f"of {short_text(pooled(total))} pooled"),
        ("Asked of slabs", short_text(total["from_slab"]), "no pool had one"),
        ("Held by the pools", bytes_text(total["held_bytes"]),
         f"{short_text(total['held_objects'])} objects at the end"),
        ("Peak memory", bytes_text(dump.peak_rss_bytes), peak),
        ("Larger requests", short_text(large["gets"]), f"{bytes_text(large['bytes'])}, by the backend")])


def add_hot(group: Group, dump: Dump) -> None:
    """Which classes are hot, and who served them."""
    hot = dump.hot()
    if not hot:
        group.section("Which sizes are hot", "No request of a pooled size was made.")
        return
    size, first = hot[0]
    share = share_text(first["gets"], dump.totals["gets"])
    shown = f" Shown are the {BARS} busiest of {len(hot)} classes." if len(hot) > BARS else ""
    group.section(
        "Which sizes are hot",
        "Requests by the size of the object that served them. "
        f"The busiest, {size_text(size)}, has {share} of all.{shown}",
        source_legend(dump),
        chart.bars("Requests by class", [(size_text(size), source_values(row), short_text(row["gets"]))
                                         for size, row in hot[:BARS]]),
        parts.folded(f"All {len(hot)} classes as figures", class_table(dump, hot)))
    group.section(
        "Who served them",
        "The same classes, each to its full width: what part of its requests came from where. The figure is the hit "
        "rate, the part that pools served of what they could have served.",
        source_legend(dump),
        parts.classed("full", chart.bars("Requests by source", [
            (size_text(size), source_values(row), share_text(hits(row), pooled(row))) for size, row in hot[:BARS]],
            to_scale=False)))


def class_table(dump: Dump, hot: list[tuple[int, Row]]) -> Any:
    """All counters that say something, of all classes."""
    names = [(name, head) for name, head in TABLED if dump.totals[name]]
    rows = [(label, count_text(row["gets"]), share_text(row["gets"], dump.totals["gets"]),
             share_text(hits(row), pooled(row)), *(count_text(row[name]) for name, _ in names),
             bytes_text(row["held_bytes"]))
            for label, row in [("all", dump.totals), *((size_text(size), row) for size, row in hot)]]
    return parts.table("Classes", ("size", "gets", "share", "hit rate", *(head for _, head in names), "held"), rows)


def add_time(group: Group, all_lives: list[list[Dump]]) -> None:
    """What was held over time, of the processes that wrote more than one dump."""
    long_lives = [life for life in all_lives if len(life) > 1]
    for life in long_lives[:LIVES]:
        name = text("{}, pid {}", parts.foreign(life[-1].program), life[-1].pid)
        shown = "each dump is a point"
        if len(long_lives) > 1:
            shown += f"; {min(LIVES, len(long_lives))} of {len(long_lives)} such processes are shown"
        layers = [("local", "primary generation", [dump.turn["held_primary_bytes"] for dump in life]),
                  ("victim", "victim generation", [dump.turn["held_victim_bytes"] for dump in life])]
        if not any(value for _, _, values in layers for value in values):
            layers = [("local", "held", [dump.totals["held_bytes"] for dump in life])]
        group.section(
            "Memory held over time",
            text("What the pools of {} kept for the next request. What is in the victim generation at a turn goes back "
                 "to the system at the next ({}).", name, shown),
            parts.legend([(kind, meaning) for kind, meaning, _ in layers]),
            chart.areas("Memory held over time", [dump.uptime_s for dump in life],
                        [(kind, values) for kind, _, values in layers], bytes_text, seconds_text, base=2),
            parts.folded("The dumps as figures", time_table(life)))
        rates = between(life)
        if len(rates) > 1:
            times, gets, from_slab = zip(*rates)
            group.section(
                "Requests over time",
                text("Requests a second of {} between one dump and the next, and how many of them no pool could serve.",
                     name),
                parts.legend([("local", "requests"), ("from_slab", "asked of slabs")]),
                chart.areas("Requests over time", times, [("local", gets), ("from_slab", from_slab)],
                            lambda value: f"{short_text(value)}/s", seconds_text, stacked=False))


def between(life: list[Dump]) -> list[tuple[float, float, float]]:
    """(time, gets a second, gets from slabs a second) between each two dumps."""
    found = []
    for before, after in zip(life, life[1:]):
        passed = after.uptime_s - before.uptime_s
        if passed > 0:
            gets, from_slab = (max(0, after.totals[name] - before.totals[name]) / passed
                               for name in ("gets", "from_slab"))
            found.append((after.uptime_s, gets, from_slab))
    return found


def time_table(life: list[Dump]) -> Any:
    """What each dump says of the process as a whole."""
    rows = [(seconds_text(dump.uptime_s), count_text(dump.totals["gets"]),
             share_text(hits(dump.totals), pooled(dump.totals)),
             bytes_text(dump.totals["held_bytes"]), bytes_text(dump.turn["held_primary_bytes"]),
             bytes_text(dump.turn["held_victim_bytes"]), count_text(dump.turn["turns"]),
             bytes_text(dump.turn["returned_bytes"]), bytes_text(dump.peak_rss_bytes)) for dump in life]
    heads = ("at", "gets", "hit rate", "held", "primary", "victim", "turns", "returned", "peak memory")
    return parts.table("Dumps", heads, rows, 0)


def wasted(dump: Dump) -> list[tuple[int, float, float, float, int]]:
    """(size, gets, asked bytes, given bytes, the most asked-for size) by falling waste, from the requested sizes."""
    asked_of: dict[int, dict[int, float]] = {}
    for asked, gets in dump.sizes.items():
        size = min((size for size in dump.classes if size >= asked), default=None)
        if size is not None and gets:  # else it is above the pooled sizes
            asked_of.setdefault(size, {})[asked] = gets
    rows = [(size, sum(sizes.values()), sum(asked * gets for asked, gets in sizes.items()),
             size * sum(sizes.values()), max(sizes, key=lambda asked: (sizes[asked], asked)))
            for size, sizes in asked_of.items()]
    return sorted(rows, key=lambda row: row[2] - row[3])


def add_waste(group: Group, dump: Dump) -> None:
    """What objects are larger than what was asked for."""
    rows = wasted(dump)
    if not rows:
        return
    asked, given = sum(row[2] for row in rows), sum(row[3] for row in rows)
    worst = [(size, got - ask) for size, _, ask, got, _ in rows if got > ask][:BARS]
    group.section(
        "Waste inside classes",
        f"A request gets the smallest object that holds it. {share_text(given - asked, given)} of the bytes handed out "
        f"({bytes_text(given - asked)} of {bytes_text(given)}, over the whole run) were more than was asked for; these "
        "classes have most of them. A class of its own for the size most asked for would save them.",
        chart.bars("Bytes not asked for, by class", [
            (size_text(size), [("from_slab", waste, f"not asked for: {bytes_text(waste)}")], bytes_text(waste))
            for size, waste in worst]),
        parts.folded(f"All {len(rows)} classes as figures", parts.table(
            "Waste by class", ("size", "gets", "asked for", "handed out", "waste", "share", "most asked for"),
            [(size_text(size), count_text(gets), bytes_text(ask), bytes_text(got), bytes_text(got - ask),
              share_text(got - ask, got), f"{count_text(most)} B") for size, gets, ask, got, most in rows])))


def add_processes(group: Group, last: list[Dump]) -> None:
    """The processes of a run, where it has several."""
    if len(last) < 2:
        return
    rows = [(parts.foreign(dump.program), str(dump.pid), seconds_text(dump.uptime_s), count_text(dump.totals["gets"]),
             share_text(hits(dump.totals), pooled(dump.totals)), bytes_text(dump.totals["held_bytes"]),
             bytes_text(dump.peak_rss_bytes)) for dump in last]
    group.section("Processes", f"The {len(rows)} processes that are added up above, by falling requests.",
                  parts.table("Processes", ("program", "pid", "ran for", "gets", "hit rate", "held", "peak memory"),
                              rows))


def about(last: list[Dump]) -> Any:
    """One line: what ran, and how."""
    dump = last[0]
    name = parts.foreign(dump.program)
    who = text("{}, pid {}", name, dump.pid) if len(last) == 1 else text(
        "{} processes, the busiest {} (pid {})", len(last), name, dump.pid)
    caches = f", {plural(dump.caches, 'CPU')}" if dump.caches else ""
    return text("{}; Tidepool {}, mode {}, {}{}", who, ", ".join(dump.versions), dump.mode or "-",
                dump.cache_guard or "-", caches)


def add(page: Page, title: str, dumps: list[Dump]) -> None:
    """Everything about one run: a group of sections."""
    all_lives = lives(dumps)
    last = [life[-1] for life in all_lives]
    whole = sum_of(last)
    group = page.group(title, parts.paragraph(about(last)), summary(whole))
    add_hot(group, whole)
    add_time(group, all_lives)
    add_waste(group, whole)
    policy_view.add(group, last[0], len(last) == 1)
    add_processes(group, last)

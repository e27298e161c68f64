"""The sections about one run's statistics: which sizes are hot, who served them, what was held, wasted and decided."""

from . import chart
from .document import facts
from .dumps import by_process, hits, merge, pooled
from .markup import (bytes_text, count_text, element, folded, foreign, joined, paragraph, seconds_text, share_text,
                     short_count_text, size_text, table)

SOURCES = (("local", "own CPU's stack"), ("overflow", "own CPU's overflow"), ("stolen", "another CPU's overflow"),
           ("victim", "victim generation"), ("from_slab", "a slab: no pool had one"), ("unpooled", "passed on, not pooled"))
BARS = 16  # rows of a chart; the tables have all
CHANGES = 64
LIVES = 3  # processes whose time is drawn
WHY = {
    "rate": "asked for often enough, or no longer", "lifetime": "objects live too long to gain from a pool",
    "budget": "the pools may hold no more", "always": "so it was configured", "never": "so it was configured",
    "start": "as every class begins",
}


def source_values(row):
    """One class's gets by who served them, for a bar."""
    return [(name, row[name], f"{meaning}: {count_text(row[name])}") for name, meaning in SOURCES]


def source_legend(dump):
    """The colours of the sources that there were."""
    return chart.legend([(name, meaning) for name, meaning in SOURCES if dump.totals[name]])


def summary(dump):
    """The figures that come first."""
    total = dump.totals
    large = dump.large
    held = bytes_text(total["held_bytes"])
    processes = "in one process" if dump.process_count == 1 else f"in {count_text(dump.process_count)} processes"
    peak = "resident, of the whole process" if dump.process_count == 1 else "resident, of the largest process"
    return facts([
        ("Requests", short_count_text(total["gets"]), f"{processes}, {seconds_text(dump.uptime_s)}"),
        ("Served by pools", share_text(hits(total), pooled(total)), f"of {short_count_text(pooled(total))} pooled"),
        ("Asked of slabs", short_count_text(total["from_slab"]), "no pool had one"),
        ("Held by the pools", held, f"{short_count_text(total['held_objects'])} objects at the end"),
        ("Peak memory", bytes_text(dump.peak_rss_bytes), peak),
        ("Larger requests", short_count_text(large["gets"]), f"{bytes_text(large['bytes'])}, by the backend"),
    ])


def add_hot(page, dump):
    """Which classes are hot, and who served them."""
    hot = dump.hot()
    if not hot:
        page.section("Which sizes are hot", "No request of a pooled size was made.")
        return
    size, first = hot[0]
    share = share_text(first["gets"], dump.totals["gets"])
    shown = f" Shown are the {BARS} busiest of {len(hot)} classes." if len(hot) > BARS else ""
    page.section(
        "Which sizes are hot",
        f"Requests by the size of the object that served them. The busiest, {size_text(size)}, has {share} of all."
        f"{shown}",
        source_legend(dump),
        chart.bars("Requests by class", [(size_text(size), source_values(row), short_count_text(row["gets"]))
                                         for size, row in hot[:BARS]]),
        folded(f"All {len(hot)} classes as figures", class_table(dump, hot)))
    page.section(
        "Who served them",
        "The same classes, each to its full width: what part of its requests came from where. The figure is the hit "
        "rate, the part that pools served of what they could have served.",
        source_legend(dump),
        element("div", chart.bars("Requests by source", [
            (size_text(size), source_values(row), share_text(hits(row), pooled(row))) for size, row in hot[:BARS]],
            to_scale=False), class_="full"))


def class_table(dump, hot):
    """All counters that say something, of all classes."""
    names = [(name, head) for name, head in (
        ("local", "local"), ("overflow", "overflow"), ("stolen", "stolen"), ("victim", "victim"), ("from_slab", "from slab"),
        ("unpooled", "unpooled"), ("puts", "puts"), ("spilled", "spilled"), ("drained", "drained"),
        ("held_objects", "held objects")) if dump.totals[name]]
    rows = [(label, count_text(row["gets"]), share_text(row["gets"], dump.totals["gets"]),
             share_text(hits(row), pooled(row)), *(count_text(row[name]) for name, _ in names),
             bytes_text(row["held_bytes"]))
            for label, row in [("all", dump.totals), *((size_text(size), row) for size, row in hot)]]
    return table("Classes", ("size", "gets", "share", "hit rate", *(head for _, head in names), "held"), rows)


def add_time(page, lives):
    """What was held over time, of the processes that wrote more than one dump."""
    lives = [life for life in lives if len(life) > 1]
    for life in lives[:LIVES]:
        name = joined([foreign(life[-1].program), f", pid {life[-1].pid}"])
        held_text = "each dump is a point"
        if len(lives) > 1:
            held_text += f"; {min(LIVES, len(lives))} of {len(lives)} such processes are shown"
        generations = any(dump.turn["held_primary_bytes"] or dump.turn["held_victim_bytes"] for dump in life)
        layers = [("local", "primary generation", [dump.turn["held_primary_bytes"] for dump in life]),
                  ("victim", "victim generation", [dump.turn["held_victim_bytes"] for dump in life])]
        if not generations:
            layers = [("local", "held", [dump.totals["held_bytes"] for dump in life])]
        times = [dump.uptime_s for dump in life]
        page.section(
            "Memory held over time",
            joined(["What the pools of ", name, " kept for the next request. What is in the victim generation at a "
                    f"turn goes back to the system at the next ({held_text})."]),
            chart.legend([(kind, text) for kind, text, _ in layers]),
            chart.areas("Memory held over time", times, [(kind, values) for kind, _, values in layers], bytes_text,
                        seconds_text, base=2),
            folded("The dumps as figures", time_table(life)))
        rates = between(life)
        if len(rates) > 1:
            page.section(
                "Requests over time",
                joined(["Requests a second of ", name, " between one dump and the next, and how many of them no pool "
                        "could serve."]),
                chart.legend([("local", "requests"), ("from_slab", "asked of slabs")]),
                chart.areas("Requests over time", [at for at, _, _ in rates],
                            [("local", [gets for _, gets, _ in rates]), ("from_slab", [from_slab for _, _, from_slab in rates])],
                            lambda value: f"{short_count_text(value)}/s", seconds_text, stacked=False))


def between(life):
    """(time, gets a second, from slabs a second) between each two dumps."""
    found = []
    for before, after in zip(life, life[1:]):
        passed = after.uptime_s - before.uptime_s
        if passed > 0:
            found.append((after.uptime_s, *(max(0, after.totals[name] - before.totals[name]) / passed
                                            for name in ("gets", "from_slab"))))
    return found


def time_table(life):
    """What each dump says of the process as a whole."""
    rows = [(seconds_text(dump.uptime_s), count_text(dump.totals["gets"]),
             share_text(hits(dump.totals), pooled(dump.totals)),
             bytes_text(dump.totals["held_bytes"]), bytes_text(dump.turn["held_primary_bytes"]),
             bytes_text(dump.turn["held_victim_bytes"]), count_text(dump.turn["turns"]),
             bytes_text(dump.turn["returned_bytes"]), bytes_text(dump.peak_rss_bytes)) for dump in life]
    heads = ("at", "gets", "hit rate", "held", "local", "victim", "turns", "returned", "peak memory")
    return table("Dumps", heads, rows, words=0)


def wasted(dump):
    """(size, gets, asked bytes, given bytes, the most asked-for size) by falling waste, from the requested sizes."""
    classes = sorted(dump.classes)
    found = {}
    for asked, gets in dump.sizes.items():
        size = next((size for size in classes if size >= asked), None)
        if size is None or not gets:
            continue  # above the pooled sizes
        row = found.setdefault(size, [0, 0, 0, (0, 0)])
        row[0] += gets
        row[1] += asked * gets
        row[2] += size * gets
        row[3] = max(row[3], (gets, asked))
    return sorted(((size, *row[:3], row[3][1]) for size, row in found.items()), key=lambda row: row[2] - row[3])


def add_waste(page, dump):
    """What objects are larger than what was asked for."""
    rows = wasted(dump)
    if not rows:
        return
    asked, given = sum(row[2] for row in rows), sum(row[3] for row in rows)
    worst = [row for row in rows if row[3] > row[2]][:BARS]
    page.section(
        "Waste inside classes",
        f"A request gets the smallest object that holds it. {share_text(given - asked, given)} of the bytes handed out "
        f"({bytes_text(given - asked)} of {bytes_text(given)}, over the whole run) were more than was asked for; these "
        "classes have most of them. A class of its own for the size most asked for would save them.",
        chart.bars("Bytes not asked for, by class", [
            (size_text(size), [("from_slab", get_bytes - ask_bytes, f"not asked for: {bytes_text(get_bytes - ask_bytes)}")],
             bytes_text(get_bytes - ask_bytes)) for size, _, ask_bytes, get_bytes, _ in worst]),
        folded(f"All {len(rows)} classes as figures", table(
            "Waste by class", ("size", "gets", "asked for", "handed out", "waste", "share", "most asked for"),
            [(size_text(size), count_text(gets), bytes_text(ask), bytes_text(got), bytes_text(got - ask),
              share_text(got - ask, got), f"{count_text(most)} B") for size, gets, ask, got, most in rows])))


def periods(changes, admitted, end_s):
    """When a class was admitted, from its changes (oldest first) and how it ended. [(from, to)]"""
    found = []
    begin_s = None if not changes or changes[0].admitted else 0.0
    if not changes and admitted:
        begin_s = 0.0
    for change in changes:
        if change.admitted and begin_s is None:
            begin_s = change.at_s
        elif not change.admitted and begin_s is not None:
            found.append((begin_s, change.at_s))
            begin_s = None
    if begin_s is not None:
        found.append((begin_s, max(end_s, begin_s)))
    return found


def add_policy(page, dump, alone):
    """How every class stands with the policy, and when that changed."""
    if not dump.policies and not dump.changes:
        return
    of = "" if alone else joined([" Of ", foreign(dump.program), f", pid {dump.pid}, the busiest process."])
    end_s = max([dump.uptime_s, *(change.at_s for change in dump.changes)])
    if dump.policies:
        rows = [(size_text(size), "pooled" if policy.admitted else "passed on", policy.mode or "-",
                 WHY.get(policy.why, policy.why or "-"), seconds_text(policy.since_s), count_text(policy.capacity),
                 count_text(dump.classes[size]["gets"]) if size in dump.classes else "-")
                for size, policy in sorted(dump.policies.items())]
        admitted = sum(policy.admitted for policy in dump.policies.values())
        page.section(
            "What the policy decided",
            joined([f"{admitted} of {len(rows)} classes are pooled at the end; requests of the others are passed on.",
                    of]),
            table("Policy by class", ("size", "now", "mode", "why", "since", "capacity, objects", "gets"), rows,
                  words=4))
    if dump.changes:
        changed = sorted({change.size for change in dump.changes})
        rows = []
        for size in changed:
            own = [change for change in dump.changes if change.size == size]
            text = "1 change" if len(own) == 1 else f"{len(own)} changes"
            rows.append((size_text(size), periods(own, own[-1].admitted, end_s), text))
        page.section(
            "Policy changes over time",
            joined(["When each class was pooled: coloured where it was, empty where its requests were passed on. The "
                    f"library keeps {CHANGES} changes.", of]),
            chart.spans("Policy changes", rows, end_s, seconds_text),
            folded(f"All {len(dump.changes)} changes", table(
                "Policy changes", ("size", "became", "why", "at"),
                [(size_text(change.size), "pooled" if change.admitted else "passed on",
                  WHY.get(change.why, change.why or "-"), seconds_text(change.at_s)) for change in dump.changes],
                words=3)))


def add_processes(page, lives):
    """The processes of a run, where it has several."""
    if len(lives) < 2:
        return
    rows = [(foreign(dump.program), str(dump.pid), seconds_text(dump.uptime_s), count_text(dump.totals["gets"]),
             share_text(hits(dump.totals), pooled(dump.totals)), bytes_text(dump.totals["held_bytes"]),
             bytes_text(dump.peak_rss_bytes)) for dump in (life[-1] for life in lives)]
    page.section("Processes", f"The {len(rows)} processes that are added up above, by falling requests.",
                 table("Processes", ("program", "pid", "ran for", "gets", "hit rate", "held", "peak memory"), rows))


def about(lives):
    """One line: what ran, and how."""
    dump = lives[0][-1]
    words = [foreign(dump.program), f", pid {dump.pid}"] if len(lives) == 1 else [
        f"{len(lives)} processes, the busiest ", foreign(dump.program), f" (pid {dump.pid})"]
    caches = f", {dump.caches} CPU{'s' if dump.caches != 1 else ''}" if dump.caches else ""
    return joined([*words, f"; Tidepool {dump.version}, mode {dump.mode or '-'}, {dump.cache_guard or '-'}{caches}"])


def add_run(page, title, dumps):
    """Everything about one run: a group of sections."""
    lives = by_process(dumps)
    last = [life[-1] for life in lives]
    whole = merge(last)
    page.group(title, paragraph(about(lives)), summary(whole))
    add_hot(page, whole)
    add_time(page, lives)
    add_waste(page, whole)
    add_policy(page, last[0], len(lives) == 1)
    add_processes(page, lives)

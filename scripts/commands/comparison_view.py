"""The sections that compare: two runs by their statistics, or what `tidepool compare` has measured."""

import shlex
import statistics

from . import chart
from .dumps import hits, inner, items, number, pooled, word
from .markup import (bytes_text, change_text, count_text, element, foreign, joined, paragraph, seconds_text, share_text,
                     size_text, table)

# (name, figure of a run, how it is written)
MEASURES = (
    ("requests", lambda dump: dump.totals["gets"], count_text),
    ("requests a second", lambda dump: dump.totals["gets"] / dump.uptime_s if dump.uptime_s else 0, count_text),
    ("asked of slabs", lambda dump: dump.totals["from_slab"], count_text),
    ("puts", lambda dump: dump.totals["puts"], count_text),
    ("puts that no pool took", lambda dump: dump.totals["spilled"], count_text),
    ("passed on, not pooled", lambda dump: dump.totals["unpooled"], count_text),
    ("held by the pools", lambda dump: dump.totals["held_bytes"], bytes_text),
    ("peak memory", lambda dump: dump.peak_rss_bytes, bytes_text),
    ("larger requests", lambda dump: dump.large["gets"], count_text),
    ("turns", lambda dump: dump.turn["turns"], count_text),
    ("time in turns", lambda dump: dump.turn["tick_ns"] / 1e9, seconds_text),
    ("returned to the kernel", lambda dump: dump.turn["returned_bytes"], bytes_text),
    ("ran for", lambda dump: dump.uptime_s, seconds_text),
)

# What is drawn of a `compare` file, and what it says; the table has everything.
DRAWN = (
    ("wall_s", "How long the command took, from its start to its end"),
    ("cpu_s", "Time on CPUs, of the program and of the kernel for it"),
    ("peak_rss_bytes", "The most memory that was resident at once"),
    ("minor_faults", "How often the kernel had to provide a page"),
    ("backend_requests", "Requests that no pool served and that went on to the allocator behind"),
)
WRITERS = {"count": count_text, "bytes": bytes_text, "seconds": seconds_text}
CHANCE = 0.05  # a difference that chance would make more often than this is called so


def add_runs(page, names, runs):
    """Compare two runs, each the Dump of what its processes did together."""
    before, after = runs
    rows = [(name, write(figure(before)), write(figure(after)), change_text(figure(before), figure(after)))
            for name, figure, write in MEASURES]
    rates = [share_text(hits(run.totals), pooled(run.totals)) for run in runs]
    rows.insert(1, ("hit rate", *rates, "-"))
    heads = ("", foreign(names[0]), foreign(names[1]), "change")
    page.section("The runs as a whole", "What both runs counted, and how much more or less the second did.",
                 table("The runs as a whole", heads, rows))
    sizes = sorted(set(before.classes) | set(after.classes),
                   key=lambda size: -max(run.classes[size]["gets"] for run in runs if size in run.classes))
    rows = []
    for size in sizes:
        pair = [run.classes.get(size) for run in runs]
        gets = [row["gets"] if row else 0 for row in pair]
        if any(gets):
            rows.append((size_text(size), count_text(gets[0]), count_text(gets[1]), change_text(*gets),
                         *(share_text(hits(row), pooled(row)) if row else "-" for row in pair)))
    page.section("Class by class", "Requests and hit rates of each size in the first and the second run, the busiest "
                 "first.", table("Class by class", ("size", "gets, first", "gets, second", "change", "hit rate, first",
                                                    "hit rate, second"), rows))


def name_of(column):
    """A column's name."""
    return word(column.get("name")) or "?"


def samples_of(data, column, key):
    """A column's figures under a name, one a round."""
    return [number(sample[key]) for sample in items(data.get("samples"))
            if sample.get("column") == column.get("name") and isinstance(sample.get(key), (int, float))]


def add_measured(page, data):
    """What `tidepool compare` measured (the file of its --json): dots for the figures that matter, a table of all."""
    columns, measures = items(data.get("columns")), items(data.get("measures"))
    command = data.get("command")
    words = shlex.join(map(str, command)) if isinstance(command, list) else word(command)
    rounds = int(number(data.get("rounds_measured")))
    times = "once" if rounds == 1 else f"{rounds} times"
    page.group("Comparison", paragraph(
        "The command ", element("code", foreign(words or "?")), f", run {times} in each way, the ways taking turns."))
    ended = [sample for sample in items(data.get("samples")) if sample.get("status") not in (0, None)]
    if ended:
        page.add(paragraph(f"{len(ended)} of the runs did not end with status 0."))
    drawn = dict(DRAWN)
    for key in drawn:
        for measure in measures:
            if measure.get("key") == key:
                add_strips(page, data, columns, measure, drawn[key])
    add_all(page, data, columns, measures)


def add_strips(page, data, columns, measure, meaning):
    """One measure: every run as a dot."""
    rows = []
    for column in columns:
        samples = samples_of(data, column, measure.get("key"))
        rows.append((foreign(name_of(column)), samples, statistics.median(samples) if samples else None))
    if any(samples for _, samples, _ in rows):
        label = word(measure.get("label")).strip() or "?"
        page.section(label[:1].upper() + label[1:],
                     f"{meaning}. A dot is a run, the mark their median; less is better.",
                     element("div", chart.strips(label, rows, writer(measure)), class_="names"))


def writer(measure):
    """How a measure's figures are written."""
    unit = measure.get("unit")
    return WRITERS.get(unit, count_text) if isinstance(unit, str) else count_text


def add_all(page, data, columns, measures):
    """A table of all measures: medians, and how they differ from the first column's."""
    rows = []
    for measure in measures:
        write, key = writer(measure), measure.get("key")
        groups = [samples_of(data, column, key) for column in columns] if isinstance(key, str) else []
        medians = [statistics.median(samples) if samples else None for samples in groups]
        if any(median is not None for median in medians):
            rows.append((foreign(word(measure.get("label"))), *(
                joined([write(median), element("br"), element("span", difference(data, column, key, medians[0], median),
                                                              class_="place")]) if median is not None else "-"
                for column, median in zip(columns, medians))))
    if rows:
        notes = data.get("notes")
        page.section(
            "All measures",
            "Medians over the rounds; below them the change from the first column, and whether so large "
            f"a difference may be chance (more than {CHANCE:.0%} likely where nothing differs, by Mann and Whitney's "
            "test, which tells little from few rounds).",
            table("All measures", ("", *(foreign(name_of(column)) for column in columns)), rows),
            *(paragraph(foreign(note)) for note in (notes if isinstance(notes, list) else []) if isinstance(note, str)))


def difference(data, column, key, first, median):
    """How a median differs from the first column's."""
    found = inner(inner(inner(data, "summary"), name_of(column)), key)
    if first is None or median == first:
        return ""
    return change_text(first, median) + (", may be chance" if number(found.get("p")) > CHANCE else "")

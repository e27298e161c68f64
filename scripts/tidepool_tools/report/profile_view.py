"""The sections about a heap profile: a flame graph, and the places that allocate most."""

from ..base.figures import bytes_text, count_text, share_text, short_text
from ..heap.calls import Call, by_caller, call_tree, named
from ..heap.profile import Profile
from ..heap.symbols import Frame, Symbols
from . import chart
from .page import Group, Page
from .parts import parts

ROWS = 25
COLOURS = 5  # modules that have one of their own
STACK = 8  # frames of the largest stack that the table shows

# (measure, the name of its flame graph, what it shows)
MEASURES = (
    ("live_bytes", "Where live memory came from", "Memory that was still in use when the profile was written"),
    ("all_bytes", "Where all memory came from", "All memory handed out since the program started, freed or not"),
)


def module_colours(calls: list[Call], measure: str) -> dict[str, str]:
    """{module: CSS class}, a colour each for those that allocate most, by the innermost frames and their callers."""
    sums: dict[str, float] = {}
    for call in calls:
        for module in {frame.module for frame in call.frames}:
            sums[module] = sums.get(module, 0) + getattr(call.site, measure)
    largest = sorted(sums, key=lambda module: -sums[module])
    return {module: f"module-{place}" for place, module in enumerate(largest[:COLOURS], 1)}


def frame_text(frame: Frame) -> str:
    """A function and where it is."""
    found: str = parts.noted(parts.code(frame.function), parts.foreign(frame.place or frame.module))
    return found


def add_measure(group: Group, calls: list[Call], total: float, measure: str, title: str, meaning: str) -> None:
    """The flame graph and the table of one measure."""
    colours = module_colours(calls, measure)
    keys = [(kind, parts.foreign(module)) for module, kind in colours.items()]
    group.section(
        title,
        f"{meaning}: {bytes_text(total)}, estimated from the sample. Each box is a function, as wide as its share; "
        "what it calls is below it. Choose a box to widen it; the top one shows all again.",
        parts.legend([*keys, ("module-other", "other files")]),
        chart.flame(title, call_tree(calls, measure), bytes_text,
                    lambda frame: colours.get(frame.module, "module-other")))
    found = by_caller(calls, measure)
    rows = []
    for frame, objects, held, call in found[:ROWS]:
        callers = " \u2190 ".join(caller.function for caller in call.frames[1:STACK])
        rows.append((frame_text(frame), parts.code(callers or "-"), bytes_text(held), share_text(held, total),
                     count_text(objects), bytes_text(held / objects) if objects else "-"))
    heads = ("function and place", "called by, most often", "bytes", "share", "objects", "mean size")
    group.section(
        f"{title}: the top call sites",
        f"The {len(rows)} of {len(found)} places with most bytes, each with the callers that it had most of them from.",
        parts.table(title, heads, rows, 2))


def add(page: Page, title: str, profile: Profile) -> None:
    """Everything about one heap profile: a group of sections."""
    symbols = Symbols()
    calls = named(profile.sites.values(), symbols)
    live, ever = profile.total("live_bytes"), profile.total("all_bytes")
    group = page.group(
        title,
        parts.paragraph(f"A heap profile: about one call stack for every {bytes_text(profile.rate_bytes)} handed out, "
                        "scaled up to what the sample stands for. In a file without debug information a function is "
                        "one that the file exports."),
        *map(parts.paragraph, sorted(symbols.complaints)),
        parts.facts([
            ("Live memory", bytes_text(live), f"{short_text(profile.total('live_objects'))} objects"),
            ("Handed out", bytes_text(ever) if ever else "-",
             f"{short_text(profile.total('all_objects'))} objects" if ever else "not in this profile"),
            ("Call stacks", count_text(len(calls)), f"one sample in {bytes_text(profile.rate_bytes)}")]))
    for measure, name, meaning in MEASURES:
        total = profile.total(measure)
        if total > 0:
            add_measure(group, calls, total, measure, name, meaning)

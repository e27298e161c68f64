"""The sections about a heap profile: a flame graph, and the places that allocate most."""

from . import chart
from .document import facts
from .heap_profile import by_caller, call_tree
from .markup import bytes_text, count_text, element, foreign, joined, paragraph, share_text, short_count_text, table

ROWS = 25
COLOURS = 5  # modules that have one of their own
STACK = 8  # frames of the largest stack that the table shows

# (measure, the name of its flame graph, what it shows)
MEASURES = (
    ("live_bytes", "Where live memory came from", "Memory that was still in use when the profile was written"),
    ("all_bytes", "Where all memory came from", "All memory handed out since the program started, freed or not"),
)


def module_colours(sites, measure):
    """{module: CSS class}, a colour each for those that allocate most, by the innermost frames and their callers."""
    sums = {}
    for site in sites:
        for module in {frame.module for frame in site.frames}:
            sums[module] = sums.get(module, 0) + getattr(site, measure)
    largest = sorted(sums, key=lambda module: -sums[module])
    return {module: f"module-{place + 1}" for place, module in enumerate(largest[:COLOURS])}


def frame_text(frame):
    """A function and where it is."""
    return joined([element("code", foreign(frame.function)), element("br"),
                   element("span", foreign(frame.place or frame.module), class_="place")])


def add_measure(page, profile, measure, title, meaning):
    """The flame graph and the table of one measure."""
    total = profile.total(measure)
    colours = module_colours(profile.sites, measure)
    keys = [(kind, foreign(module)) for module, kind in colours.items()]
    page.section(
        title,
        f"{meaning}: {bytes_text(total)}, estimated from the sample. Each box is a function, as wide as its share; "
        "what it calls is below it. Choose a box to widen it; the top one shows all again.",
        chart.legend(keys + [("module-other", "other files")]),
        chart.flame(title, call_tree(profile.sites, measure), bytes_text,
                    lambda frame: colours.get(frame.module, "module-other")))
    rows = []
    found = by_caller(profile.sites, measure)
    for frame, objects, held, site in found[:ROWS]:
        callers = " \u2190 ".join(caller.function for caller in site.frames[1:STACK])
        rows.append((frame_text(frame), element("code", foreign(callers or "-")), bytes_text(held),
                     share_text(held, total), count_text(objects), bytes_text(held / objects) if objects else "-"))
    heads = ("function and place", "called by, most often", "bytes", "share", "objects", "mean size")
    page.section(
        f"{title}: the top call sites",
        f"The {len(rows)} of {len(found)} places with most bytes, each with the callers that it had most of them from.",
        table(title, heads, rows, words=2))


def add_profile(page, title, profile):
    """Everything about one heap profile: a group of sections."""
    live, ever = profile.total("live_bytes"), profile.total("all_bytes")
    page.group(
        title,
        paragraph(f"A heap profile: about one call stack for every {bytes_text(profile.rate_bytes)} handed out, scaled "
                  "up to what the sample stands for. In a file without debug information a function is the nearest "
                  "exported one."),
        *(paragraph(complaint) for complaint in profile.complaints),
        facts([("Live memory", bytes_text(live), f"{short_count_text(profile.total('live_objects'))} objects"),
               ("Handed out", bytes_text(ever) if ever else "-",
                f"{short_count_text(profile.total('all_objects'))} objects" if ever else "not in this profile"),
               ("Call stacks", count_text(len(profile.sites)), f"one sample in {bytes_text(profile.rate_bytes)}")]))
    for measure, name, meaning in MEASURES:
        if profile.total(measure) > 0:
            add_measure(page, profile, measure, name, meaning)

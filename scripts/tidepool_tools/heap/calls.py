"""What a heap profile says by function: the tree of calls, and the places that allocate most."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .profile import Site
from .symbols import Frame, Symbols

# The allocator's own frames say nothing about who asked.
ALLOCATOR = re.compile(r"^lib(tidepool|jemalloc|tcmalloc|mimalloc)[\w.-]*\.so")


@dataclass
class Call:
    """A site whose functions are named: frames, innermost first, from where the program called the allocator."""
    frames: list[Frame]
    site: Site


@dataclass
class Node:
    """A function in the tree of calls, with what was allocated below it."""
    frame: Frame | None = None
    value: float = 0
    children: dict[tuple[str, str], "Node"] = field(default_factory=dict)


def named(sites: Iterable[Site], symbols: Symbols) -> list[Call]:
    """The calls of sites."""
    sites = list(sites)
    symbols.load(place for site in sites for place in site.stack)
    calls = []
    for site in sites:
        frames = symbols.frames(site.stack)
        own = 0
        while own + 1 < len(frames) and ALLOCATOR.match(frames[own].module):
            own += 1
        calls.append(Call(frames[own:], site))
    return calls


def call_tree(calls: Iterable[Call], measure: str) -> Node:
    """The tree of calls, outermost first: stacks that begin the same way are one until they part."""
    root = Node()
    for call in calls:
        value = getattr(call.site, measure)
        if value <= 0:
            continue
        root.value += value
        node = root
        for frame in reversed(call.frames):
            node = node.children.setdefault((frame.function, frame.module), Node(frame))
            node.value += value
    return root


def by_caller(calls: Iterable[Call], measure: str) -> list[tuple[Frame, float, float, Call]]:
    """(frame, objects, bytes, the call with most) by falling bytes: calls that allocate at the same place are one."""
    def value(call: Call, name: str = measure) -> float:
        return float(getattr(call.site, name))

    places: dict[Frame, list[Call]] = {}
    for call in calls:
        if call.frames and value(call) > 0:
            places.setdefault(call.frames[0], []).append(call)
    objects = measure.replace("_bytes", "_objects")
    rows = [(frame, sum(value(call, objects) for call in group), sum(map(value, group)), max(group, key=value))
            for frame, group in places.items()]
    return sorted(rows, key=lambda row: -row[2])

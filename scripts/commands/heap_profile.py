"""Heap profiles: the text format of gperftools, and jemalloc's own form of it, of sampled allocations by call stack.

Samples stand for more than themselves: an object of S bytes is sampled with the probability 1 - exp(-S / rate), so
counts and bytes are divided by that, as pprof does for heap_v2.
"""

import math
import re
from dataclasses import dataclass

from .symbols import Symbols, parse_mappings

HEAD = re.compile(r"^heap profile: .*@ *heap_v2/(\d+)\s*$|^heap_v2/(\d+)\s*$")
COUNTS = re.compile(r"^\s*(?:t\*: *)?(\d+): +(\d+) +\[ *(\d+): +(\d+) *\](?: +@(.*))?$")
STACK = re.compile(r"^@((?: +0x[0-9a-f]+)+)\s*$")
# The allocator's own frames say nothing about who asked.
ALLOCATOR = re.compile(r"^lib(tidepool|jemalloc|tcmalloc|mimalloc)[\w.-]*\.so")


class Malformed(Exception):
    """A heap profile that cannot be read: why, in one line."""


@dataclass
class Site:
    """A call stack (frames, innermost first) and what was sampled there, scaled to what it stands for."""
    frames: list
    live_objects: float
    live_bytes: float
    all_objects: float
    all_bytes: float


@dataclass
class Profile:
    """A heap profile with its functions named."""
    rate_bytes: int
    sites: list
    complaints: list

    def total(self, measure):
        """The sum of a Site's figure over all sites."""
        return sum(getattr(site, measure) for site in self.sites)


def is_profile(text):
    """Whether a file's text is a heap profile."""
    return HEAD.match(text.partition("\n")[0]) is not None


def scaled(objects, total_bytes, rate_bytes):
    """What `objects` samples of `total_bytes` stand for: (objects, bytes)."""
    if objects == 0 or total_bytes == 0:
        return 0.0, 0.0
    if rate_bytes <= 1:
        return float(objects), float(total_bytes)
    factor = 1 / -math.expm1(-total_bytes / objects / rate_bytes)
    return objects * factor, total_bytes * factor


def stacks(lines, rate_bytes):
    """Yield (addresses, four figures) for every stack: on one line, or jemalloc's two."""
    addresses = None
    for line in lines:
        alone = STACK.match(line)
        if alone:
            addresses = [int(each, 16) for each in alone[1].split()]
            continue
        match = COUNTS.match(line)
        if not match:
            continue  # empty lines, and what jemalloc adds for each thread
        if match[5] is not None:
            try:
                addresses = [int(each, 16) for each in match[5].split()]
            except ValueError:
                raise Malformed(f"not a call stack: {line.strip()[:60]}") from None
        if addresses:
            live, ever = (scaled(int(match[i]), int(match[i + 1]), rate_bytes) for i in (1, 3))
            yield addresses, (*live, *ever)
        addresses = None


def read_profile(text):
    """The Profile in a file's text, its functions named where their files are still there."""
    head, _, body = text.partition("\n")
    match = HEAD.match(head)
    if not match:
        raise Malformed("not a heap profile of heap_v2")
    rate_bytes = int(match[1] or match[2])
    body, _, maps = body.partition("MAPPED_LIBRARIES:")
    found = list(stacks(body.splitlines(), rate_bytes))
    if not found:
        raise Malformed("a heap profile without samples")
    symbols = Symbols(parse_mappings(maps.splitlines()))
    # All are return addresses, which may lie behind the function that called: one less is inside the call.
    named = symbols.name(address - 1 for addresses, _ in found for address in addresses if address)
    sites = []
    for addresses, figures in found:
        frames = [frame for address in addresses if address for frame in named[address - 1]]
        own = 0
        while own + 1 < len(frames) and ALLOCATOR.match(frames[own].module):
            own += 1
        sites.append(Site(frames[own:], *figures))
    return Profile(rate_bytes, sites, symbols.complaints)


class Node:
    """A function in the tree of calls, with what was allocated below it."""

    def __init__(self, frame):
        self.frame, self.value, self.children = frame, 0.0, {}


def call_tree(sites, measure):
    """The tree of calls, outermost first: stacks that begin the same way are one until they part."""
    root = Node(None)
    for site in sites:
        value = getattr(site, measure)
        if value <= 0:
            continue
        root.value += value
        node = root
        for frame in reversed(site.frames):
            name = (frame.function, frame.module)
            node = node.children.setdefault(name, Node(frame))
            node.value += value
    return root


def by_caller(sites, measure):
    """(frame, objects, bytes, the site with most) by falling bytes: sites that allocate at the same place are one."""
    objects_measure = measure.replace("_bytes", "_objects")
    places = {}
    for site in sites:
        if site.frames and getattr(site, measure) > 0:
            places.setdefault(site.frames[0], []).append(site)
    rows = []
    for frame, group in places.items():
        largest = max(group, key=lambda site: getattr(site, measure))
        rows.append((frame, sum(getattr(site, objects_measure) for site in group),
                     sum(getattr(site, measure) for site in group), largest))
    return sorted(rows, key=lambda row: -row[2])

"""Heap profiles: sampled allocations by call stack, as gperftools, jemalloc and the library write them.

Samples stand for more than themselves: an object of S bytes is sampled with the probability 1 - exp(-S / rate), so
counts and bytes are divided by that, as pprof does for heap_v2. Beside a profile of the library's is a sidecar in JSON,
which also says who served the samples.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..stats.names import renamed
from .mappings import Mappings, Place

HEAD = re.compile(r"^(?:heap profile: .*@ *)?(?:heap_v2/(?P<rate>\d+)|heapprofile)\s*$")
COUNTS = re.compile(r"^\s*(?:t\*: *)?(\d+): +(\d+) +\[ *(\d+): +(\d+) *\](?: +@(.*))?$")
STACK = re.compile(r"^@((?: +0x[0-9a-f]+)+)\s*$")
SIDECAR_ENDING = ".sites.json"
POOLS = ("local", "overflow", "stolen", "victim")


class Malformed(Exception):
    """A heap profile that cannot be read: why, in one line."""


@dataclass
class Site:
    """A call stack (innermost first), and what was sampled there, scaled to what it stands for."""
    stack: tuple[Place, ...]
    live_objects: float = 0
    live_bytes: float = 0
    all_objects: float = 0
    all_bytes: float = 0
    pooled_objects: float = 0  # of all, those that a pool served

    def add(self, live: tuple[int, int], ever: tuple[int, int], pooled: int, rate_bytes: int) -> None:
        """Add samples: objects and bytes that are in use, and that were ever handed out."""
        for name, (objects, size) in (("live", live), ("all", ever)):
            factor = scale(objects, size, rate_bytes)
            setattr(self, f"{name}_objects", getattr(self, f"{name}_objects") + objects * factor)
            setattr(self, f"{name}_bytes", getattr(self, f"{name}_bytes") + size * factor)
        self.pooled_objects += pooled * scale(*ever, rate_bytes)

    @property
    def gain(self) -> float:
        """Objects that a pool could have served and did not: at most those that were freed again."""
        return min(self.all_objects - self.live_objects, self.all_objects - self.pooled_objects)


@dataclass
class Profile:
    """What one process, or several, allocated: sites by their stacks."""
    rate_bytes: int = 1
    sites: dict[tuple[Place, ...], Site] = field(default_factory=dict)

    def site(self, stack: tuple[Place, ...]) -> Site:
        """The site of a stack, which may be new."""
        return self.sites.setdefault(stack, Site(stack))

    def total(self, measure: str) -> float:
        """The sum of a figure of the sites."""
        return float(sum(getattr(site, measure) for site in self.sites.values()))


def scale(objects: int, size: int, rate_bytes: int) -> float:
    """What one sampled object stands for, where `objects` of them have `size` bytes."""
    if objects == 0 or size == 0 or rate_bytes <= 1:
        return 1
    return 1 / -math.expm1(-size / objects / rate_bytes)


def is_profile(text: str) -> bool:
    """Whether a file's text is a heap profile."""
    return HEAD.match(text.partition("\n")[0]) is not None


def samples(lines: Iterable[str]) -> Iterator[tuple[list[int], tuple[int, int], tuple[int, int]]]:
    """(addresses, live, ever) of every stack: on one line, or jemalloc's two."""
    addresses: list[int] = []
    for line in lines:
        alone, match = STACK.match(line), COUNTS.match(line)
        if alone:
            addresses = [int(each, 16) for each in alone[1].split()]
        elif match:  # else an empty line, or what jemalloc adds for each thread
            if match[5] is not None:
                try:
                    addresses = [int(each, 16) for each in match[5].split()]
                except ValueError:
                    raise Malformed(f"not a call stack: {line.strip()[:60]}") from None
            if addresses:
                yield addresses, (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))
            addresses = []


def read_text(text: str) -> Profile:
    """The Profile in a file's text."""
    head, _, body = text.partition("\n")
    match = HEAD.match(head)
    if not match:
        raise Malformed("not a heap profile of heap_v2")
    body, _, maps = body.partition("MAPPED_LIBRARIES:")
    profile, mappings = Profile(int(match["rate"] or 1)), Mappings(maps.splitlines())
    for addresses, live, ever in samples(body.splitlines()):
        profile.site(mappings.stack(addresses)).add(live, ever, 0, profile.rate_bytes)
    if not profile.sites:
        raise Malformed("a heap profile without samples")
    return profile


def add_file(path: str, profile: Profile) -> dict[str, Any]:
    """Add the profile of one process, as the library leaves it, by its sidecar. Returns the sidecar's fields."""
    with open(path, encoding="utf-8", errors="replace") as file:
        mappings = Mappings(file.read().partition("MAPPED_LIBRARIES:")[2].splitlines())
    with open(path + SIDECAR_ENDING, encoding="utf-8") as file:
        fields: dict[str, Any] = renamed(json.load(file))
    profile.rate_bytes = max(profile.rate_bytes, fields["every"])
    for row in fields["sites"]:
        stack = mappings.stack([int(address, 16) for address in row["stack"]])
        pooled = sum(row[pool][0] for pool in POOLS)
        live, ever = row["in_use"], row["allocated"]
        profile.site(stack).add((live[0], live[1]), (ever[0], ever[1]), pooled, fields["every"])
    return fields

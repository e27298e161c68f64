"""The mappings that a heap profile ends with: in which file, and where in it, an address of the process lies."""

import bisect
import os
import re
from collections.abc import Iterable
from typing import NamedTuple

MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) \S{4} ([0-9a-f]+) \S+ \d+ *(.*)$")
UNKNOWN = "[unknown]"


class Place(NamedTuple):
    """Where code is: an offset in a file, or an address where no file is mapped."""
    path: str
    offset: int

    @property
    def module(self) -> str:
        """The file's name."""
        return os.path.basename(self.path) or UNKNOWN


class Mappings:
    """Lines of /proc/self/maps; what is not one is left out."""

    def __init__(self, lines: Iterable[str]) -> None:
        found = (match for match in map(MAPPING.match, lines) if match)
        self.ranges = sorted((int(match[1], 16), int(match[2], 16), int(match[3], 16), match[4] or "[anonymous]")
                             for match in found)

    def place(self, address: int) -> Place:
        """The Place of an address."""
        at = bisect.bisect_right(self.ranges, address, key=lambda each: each[0]) - 1
        if at < 0 or address >= self.ranges[at][1]:
            return Place(UNKNOWN, address)
        start, _, offset, path = self.ranges[at]
        return Place(path, address - start + offset)

    def stack(self, addresses: Iterable[int]) -> tuple[Place, ...]:
        """The places of a stack's calls. Its addresses are where they return to, which may lie behind the function
        that called: one less is inside the call."""
        return tuple(self.place(address - 1) for address in addresses if address)

"""Heap profiles as the library writes them: what is in the two files of a process, and the names of its stacks."""

import bisect
import collections
import json
import math
import subprocess

from .names import renamed

POOLS = ["local", "overflow", "stolen", "victim"]
SIDECAR_ENDING = ".sites.json"
CXX_LIBRARY = ("std::", "__gnu_cxx::", "void std::", "operator new")

Mapping = collections.namedtuple("Mapping", "start end offset path")


def scale(objects, size, every):
    """What one sampled object stands for: 1 / the probability that an allocation of its size is sampled."""
    average = size / objects if objects else 0
    return 1 / -math.expm1(-average / every) if every > 1 and average else 1


class Site:
    """A call site's totals, estimated from its samples; stack: (file, offset) pairs, innermost first."""

    def __init__(self, stack):
        self.stack = stack
        self.objects = self.bytes = self.in_use_objects = self.in_use_bytes = 0
        self.pooled_objects = 0

    def add(self, row, every):
        """Add one row of a sidecar."""
        row = renamed(row)
        factor = scale(*row["allocated"], every)
        self.objects += row["allocated"][0] * factor
        self.bytes += row["allocated"][1] * factor
        self.in_use_objects += row["in_use"][0] * factor
        self.in_use_bytes += row["in_use"][1] * factor
        self.pooled_objects += sum(row[pool][0] for pool in POOLS) * factor

    @property
    def gain(self):
        """Objects that a pool could have served and did not: at most those that were freed again."""
        return min(self.objects - self.in_use_objects, self.objects - self.pooled_objects)


def read_mappings(path):
    """The mappings of files in the last section of a profile."""
    with open(path, encoding="utf-8", errors="replace") as profile:
        lines = profile.read().partition("\nMAPPED_LIBRARIES:\n")[2].splitlines()
    mappings = []
    for line in lines:
        words = line.split(None, 5)
        if len(words) == 6 and words[5].startswith("/"):
            start, end = (int(word, 16) for word in words[0].split("-"))
            mappings.append(Mapping(start, end, int(words[2], 16), words[5]))
    return mappings


def place(address, mappings):
    """The file and the offset in it of the call that returns to `address`; ("", address) where there is none."""
    call = address - 1
    for mapping in mappings:
        if mapping.start <= call < mapping.end:
            return mapping.path, call - mapping.start + mapping.offset
    return "", call


def read(path, sites):
    """Add a process's profile to `sites`, by stack. Returns the sidecar's other fields."""
    with open(path + SIDECAR_ENDING, encoding="utf-8") as sidecar:
        fields = json.load(sidecar)
    mappings = read_mappings(path)
    for row in fields["sites"]:
        stack = tuple(place(int(address, 16), mappings) for address in row["stack"])
        sites.setdefault(stack, Site(stack)).add(row, fields["every"])
    return fields


class Names:
    """The functions at offsets of files, by addr2line where it is installed, else by nm."""

    def __init__(self):
        self.known = {}
        self.symbols = {}

    def load(self, places):
        """Look up all of `places` at once: one process a file."""
        wanted = collections.defaultdict(list)
        for path, offset in set(places):
            wanted[path].append(offset)
        for path, offsets in wanted.items():
            self.load_file(path, offsets)

    def load_file(self, path, offsets):
        """Fill in the names of one file's offsets."""
        bias = load_bias(path)
        found = self.ask(path, [offset + address for offset in offsets for address in [bias(offset)]])
        for offset, names in zip(offsets, found):
            self.known[path, offset] = names or [self.symbol(path, offset + bias(offset))]

    @staticmethod
    def ask(path, addresses):
        """The names of each address, innermost inlined function first; [] where it has none."""
        words = ["addr2line", "-e", path, "-a", "-f", "-i", "-C", *map(hex, addresses)]
        found = []
        lines = iter(output(words) if path else [])
        for line in lines:
            if line.startswith("0x"):
                found.append([])
            elif not next(lines, "??").startswith("??"):
                found[-1].append(line)  # without a source line it is only the nearest name that is left
        return found if len(found) == len(addresses) else [[] for _ in addresses]

    def symbol(self, path, address):
        """The function of the symbol table that the address is in, or the file and the address."""
        if path not in self.symbols:
            self.symbols[path] = symbol_table(path)
        table = self.symbols[path]
        at = bisect.bisect_right(table, (address, math.inf)) - 1
        if at >= 0 and address < table[at][0] + table[at][1]:
            return table[at][2]
        return f"{path.rpartition('/')[2] or '?'}+{address:#x}"

    def of(self, stack):
        """The names of a stack, innermost first, from where the C++ library was called to allocate."""
        names = [name for where in stack for name in self.known[where]]
        own = next((at for at, name in enumerate(names) if not name.startswith(CXX_LIBRARY)), 0)
        return names[own:]


def output(words):
    """The lines that a tool prints; none where it is not there or fails."""
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, encoding="utf-8",
                              errors="replace")
    except OSError:
        return []
    return done.stdout.splitlines()


def symbol_table(path):
    """The functions of a file as (address, size, name): its own table, else what it exports."""
    for options in ["-CS", "-DCS"] if path else []:
        rows = [line.split(" ", 3) for line in output(["nm", options, "--defined-only", path])]
        table = sorted((int(row[0], 16), int(row[1], 16), row[3].partition("@")[0]) for row in rows
                       if len(row) == 4 and row[2] in "TtWiV")
        if table:
            return table
    return []


def load_bias(path):
    """A function from an offset in the file to what has to be added for its address, by the loaded segments."""
    segments = []
    for line in output(["readelf", "-lW", path]) if path else []:
        words = line.split()
        if words[:1] == ["LOAD"]:
            offset, address, size = int(words[1], 16), int(words[2], 16), int(words[4], 16)
            segments.append((offset, offset + size, address - offset))
    return lambda offset: next((bias for start, end, bias in segments if start <= offset < end), 0)

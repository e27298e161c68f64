"""Addresses to functions, by the mappings that a heap profile ends with and binutils' addr2line.

One addr2line for each mapped file. What has no symbol is named by its file and the offset in it.
"""

import os
import re
import struct
import subprocess
from dataclasses import dataclass

MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S{4}) ([0-9a-f]+) \S+ \d+ *(.*)$")
LIMIT_S = 120  # for one file; those with a gigabyte of debug information take long
ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
PT_LOAD = 1


@dataclass(frozen=True)
class Frame:
    """One function on a stack: its name, its source line where known, and the mapped file it is in."""
    function: str
    place: str
    module: str


@dataclass(frozen=True)
class Mapping:
    """A mapped range of addresses."""
    start: int
    end: int
    offset: int
    path: str

    @property
    def module(self):
        return os.path.basename(self.path) or "[anonymous]"


def parse_mappings(lines):
    """The mappings in lines of /proc/self/maps; what is not one is left out."""
    found = []
    for line in lines:
        match = MAPPING.match(line)
        if match:
            found.append(Mapping(int(match[1], 16), int(match[2], 16), int(match[4], 16), match[5]))
    return found


def segments(path):
    """(file offset, bytes, address) of every loaded part of a 64-bit ELF file; none of what is not one."""
    try:
        with open(path, "rb") as file:
            head = ELF_HEADER.unpack(file.read(ELF_HEADER.size))
            if head[0][:6] != b"\x7fELF\x02\x01":
                return []
            file.seek(head[5])
            table = file.read(PROGRAM_HEADER.size * head[10])
        entries = PROGRAM_HEADER.iter_unpack(table)
        return [(offset, length, address) for kind, _, offset, address, _, length, _, _ in entries if kind == PT_LOAD]
    except (OSError, struct.error):
        return []


def linked_address(parts, file_offset):
    """The address that the linker gave what is at `file_offset`, which is the one addr2line knows."""
    for offset, length, address in parts:
        if offset <= file_offset < offset + length:
            return file_offset - offset + address
    return file_offset


def ask_addr2line(path, addresses):
    """Yield for each address its lines of addr2line's answer: function, place, and again for each inlined one."""
    question = "".join(f"{address:#x}\n" for address in addresses)
    answer = subprocess.run(["addr2line", "-a", "-f", "-C", "-i", "-e", path], input=question, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", errors="replace",
                            timeout=LIMIT_S, check=False).stdout
    block = None
    for line in answer.splitlines():
        if re.fullmatch(r"0x[0-9a-f]{16}", line) and (block is None or len(block) % 2 == 0):
            if block is not None:
                yield block
            block = []
        elif block is not None:
            block.append(line)
    if block is not None:
        yield block


def frames_of(block, mapping, file_offset):
    """The frames of one address, innermost first."""
    frames = []
    for function, place in zip(block[::2], block[1::2]):
        if function != "??":
            known = not place.startswith("??")
            frames.append(Frame(function, re.sub(r" \(discriminator \d+\)$", "", place) if known else "",
                                mapping.module))
    return frames or [Frame(f"{mapping.module}+{file_offset:#x}", "", mapping.module)]


class Symbols:
    """The functions at addresses of one process. `complaints`: what could not be asked, a line each."""

    def __init__(self, mappings):
        self.mappings = mappings
        self.complaints = []

    def find(self, address):
        """The mapping that holds an address, or None."""
        return next((mapping for mapping in self.mappings if mapping.start <= address < mapping.end), None)

    def name_file(self, path, asked):
        """Name (address, mapping, file offset) triples in one file."""
        parts = segments(path)
        try:
            addresses = [linked_address(parts, offset) for _, _, offset in asked]
            blocks = list(ask_addr2line(path, addresses)) if parts else []
        except FileNotFoundError:
            self.complaints.append("no addr2line (Debian: binutils): functions are not named")
            blocks = []
        except subprocess.TimeoutExpired:
            self.complaints.append(f"{path}: addr2line takes more than {LIMIT_S} s: its functions are not named")
            blocks = []
        blocks += [[]] * (len(asked) - len(blocks))
        return {address: frames_of(block, mapping, offset)
                for (address, mapping, offset), block in zip(asked, blocks)}

    def name(self, addresses):
        """{address: its frames, innermost first} for all addresses."""
        named, files = {}, {}
        for address in sorted(set(addresses)):
            mapping = self.find(address)
            if mapping is None:
                named[address] = [Frame(f"{address:#x}", "", "[unknown]")]
            else:
                offset = address - mapping.start + mapping.offset
                files.setdefault(mapping.path, []).append((address, mapping, offset))
        for path, asked in files.items():
            named.update(self.name_file(path if path.startswith("/") else "", asked))
        self.complaints = sorted(set(self.complaints))
        return named

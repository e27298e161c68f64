"""ELF files: which address the linker gave to an offset, and which function of the symbol table is there."""

import bisect
import math
import struct
from typing import Any

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile

SYMBOL = struct.Struct("<IBBHQQ")  # name, info, other, section, address, size: of 64-bit files
FUNCTIONS = (2, 10)  # STT_FUNC and STT_GNU_IFUNC


class Image:
    """One file: its loaded parts, and its functions in the order of their addresses. Empty of what is no such file."""

    def __init__(self, path: str) -> None:
        self.segments: list[tuple[int, int, int]] = []  # file offset, bytes, address
        self.functions: list[tuple[int, int, str]] = []  # address, bytes, name as it is in the file
        try:
            with open(path, "rb") as file:
                self.read(ELFFile(file))
        except (OSError, ELFError, struct.error):
            pass

    def read(self, elf: Any) -> None:
        """Take what is needed. The table is unpacked at once, as those of large programs have a million entries."""
        if elf.elfclass != 64 or not elf.little_endian:
            return
        self.segments = [(each["p_offset"], each["p_filesz"], each["p_vaddr"]) for each in elf.iter_segments()
                         if each["p_type"] == "PT_LOAD"]
        table = elf.get_section_by_name(".symtab") or elf.get_section_by_name(".dynsym")
        if table is None:
            return
        names = elf.get_section(table["sh_link"]).data()
        found = {}
        for name, info, _, section, address, size in SYMBOL.iter_unpack(table.data()):
            if info & 15 in FUNCTIONS and section and size:
                found[address, size] = name
        self.functions = [(address, size, names[name:names.index(b"\0", name)].decode("utf-8", "replace"))
                          for (address, size), name in sorted(found.items())]

    def address(self, offset: int) -> int:
        """The address that the linker gave what is at an offset of the file, which is the one that tools know."""
        return next((offset - start + address for start, length, address in self.segments
                     if start <= offset < start + length), offset)

    def function(self, address: int) -> str | None:
        """The name of the function whose code is at an address."""
        at = bisect.bisect_right(self.functions, (address, math.inf, "")) - 1
        if at < 0 or address >= self.functions[at][0] + self.functions[at][1]:
            return None
        return self.functions[at][2]

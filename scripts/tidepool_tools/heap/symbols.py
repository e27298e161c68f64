"""The names of functions: by binutils' addr2line, which knows lines, inlined functions and C++, one run a file.

Where there is no debug information, addr2line names the nearest symbol before an address, whatever lies between. Its
answer counts if the file's table of symbols says that the address is inside of a function, and not otherwise: then
the file and the address stand for the name.
"""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .mappings import Place, UNKNOWN

if TYPE_CHECKING:
    from .elf import Image

LIMIT_S = 120  # for one file; those with a gigabyte of debug information take long
ADDRESS = re.compile(r"^0x[0-9a-f]{16}\n", re.MULTILINE)


@dataclass(frozen=True)
class Frame:
    """One function on a stack: its name, its source line where known, and the mapped file it is in."""
    function: str
    place: str
    module: str


def ask_addr2line(path: str, addresses: list[int]) -> list[list[str]]:
    """The lines of addr2line's answer to each address: function, place, and again for each inlined one."""
    question = "".join(f"{address:#x}\n" for address in addresses)
    answer = subprocess.run(["addr2line", "-a", "-f", "-C", "-i", "-e", path], input=question, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, encoding="utf-8", errors="replace", timeout=LIMIT_S,
                            check=False).stdout
    return [block.splitlines() for block in ADDRESS.split(answer)[1:]]


def frames_of(place: Place, address: int, block: list[str], image: "Image") -> list[Frame]:
    """The frames of one address, innermost first."""
    lines = [(function, re.sub(r" \(discriminator \d+\)$", "", where))
             for function, where in zip(block[::2], block[1::2]) if not where.startswith("??")]
    if lines:
        return [Frame(function, where, place.module) for function, where in lines]
    name = image.function(address)
    if name and block and block[0] != "??":
        name = block[0]  # as C++ has it, not its linker
    return [Frame(name or f"{place.module}+{address:#x}", "", place.module)]


class Symbols:
    """The functions at places. `complaints`: what could not be asked, a line each."""

    def __init__(self) -> None:
        self.known: dict[Place, list[Frame]] = {}
        self.complaints: set[str] = set()

    def load(self, places: Iterable[Place]) -> None:
        """Look up all of these places at once."""
        files: dict[str, list[Place]] = {}
        for place in sorted(set(places) - set(self.known)):
            files.setdefault(place.path, []).append(place)
        for path, asked in files.items():
            if path == UNKNOWN:
                self.known.update((place, [Frame(f"{place.offset:#x}", "", UNKNOWN)]) for place in asked)
            else:
                self.load_file(path, asked)

    def load_file(self, path: str, asked: list[Place]) -> None:
        """Look up places in one file."""
        from .elf import Image  # which needs a package that not all have
        image = Image(path if path.startswith("/") else "")
        addresses = [image.address(place.offset) for place in asked]
        blocks: list[list[str]] = []
        try:
            blocks = ask_addr2line(path, addresses) if image.segments else []
        except FileNotFoundError:
            self.complaints.add("no addr2line (Debian: binutils): functions have no lines, and C++ is not readable")
        except subprocess.TimeoutExpired:
            self.complaints.add(f"{path}: addr2line takes more than {LIMIT_S} s: its functions have no lines")
        if len(blocks) != len(asked):
            blocks = [[]] * len(asked)
        for place, address, block in zip(asked, addresses, blocks):
            self.known[place] = frames_of(place, address, block, image)

    def frames(self, stack: Iterable[Place]) -> list[Frame]:
        """The frames of a stack whose places are loaded, innermost first."""
        return [frame for place in stack for frame in self.known[place]]

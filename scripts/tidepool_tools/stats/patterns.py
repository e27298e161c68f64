"""Names of files with the library's signs in them: %p the process, %e the program, %t the time of its start, %% a %."""

import glob
import re

SIGN = re.compile(r"%([pet%])")


def literal(path: str) -> str:
    """The pattern that names just this path."""
    return path.replace("%", "%%")


def is_per_process(pattern: str) -> bool:
    """Whether each process gets a name of its own."""
    return "p" in SIGN.findall(pattern)


def matching(pattern: str) -> list[str]:
    """The paths that a pattern names, whatever stands for its signs."""
    parts = SIGN.split(pattern)  # text, sign, text, ...
    words = [glob.escape(part) if number % 2 == 0 else "%" if part == "%" else "*" for number, part in enumerate(parts)]
    return sorted(glob.glob("".join(words)))

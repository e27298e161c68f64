"""How many system calls a command makes: counted by strace, else by perf, in a run of its own."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

PERF_EVENT = "raw_syscalls:sys_enter"
Counts = dict[str, Any]  # tool, total, by_name
# "% time, seconds, usecs/call, calls, errors or nothing, name"; the last line is that of "total".
STRACE_ROW = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(?P<calls>\d+)\s+(?:\d+\s+)?(?P<name>\w+)$", re.MULTILINE)


def works(words: list[str]) -> bool:
    """Whether a tracer may trace here: containers often forbid it."""
    try:
        return subprocess.run([*words, "/bin/true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def read_strace(text: str) -> Counts | None:
    """The counts of strace's summary, None where it wrote none."""
    by_name = {row["name"]: int(row["calls"]) for row in STRACE_ROW.finditer(text)}
    total = by_name.pop("total", None)
    return None if total is None else {"tool": "strace", "total": total, "by_name": by_name}


def read_perf(text: str) -> Counts | None:
    """The one count that perf wrote, None where it wrote none."""
    rows = [line.split(",") for line in text.splitlines()]
    return next(({"tool": "perf", "total": int(row[0]), "by_name": {}} for row in rows
                 if PERF_EVENT in row and row[0].isdigit()), None)


def tracer(folder: str) -> tuple[list[str], Callable[[], Counts | None]]:
    """Return (the words to put before a command, a function that then gives its counts, or None)."""
    path = Path(folder, "calls")
    path.write_text("")
    # As a detached process (-D), so that the command stays our child, to be waited for and sent signals.
    strace = ["strace", "-D", "-c", "-f", "-o", str(path)]
    if works(strace):
        return strace, lambda: read_strace(path.read_text(errors="replace"))
    perf = ["perf", "stat", "-x,", "-e", PERF_EVENT, "-o", str(path), "--"]
    return perf, lambda: read_perf(path.read_text(errors="replace"))

"""How many system calls a command makes: counted by strace, else by perf, in a run of its own."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
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


def read_text(path: str) -> str:
    """A file's text, empty where it is missing."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def read_strace(path: str) -> Counts | None:
    """The counts of strace's summary, None where it wrote none."""
    by_name = {row["name"]: int(row["calls"]) for row in STRACE_ROW.finditer(read_text(path))}
    total = by_name.pop("total", None)
    return None if total is None else {"tool": "strace", "total": total, "by_name": by_name}


def read_perf(path: str) -> Counts | None:
    """The one count that perf wrote, None where it wrote none."""
    for line in read_text(path).splitlines():
        fields = line.split(",")
        if PERF_EVENT in fields and fields[0].isdigit():
            return {"tool": "perf", "total": int(fields[0]), "by_name": {}}
    return None


def tracer(folder: str) -> tuple[list[str], Callable[[], Counts | None]]:
    """Return (the words to put before a command, a function that then gives its counts, or None)."""
    path = os.path.join(folder, "calls")
    if os.path.exists(path):
        os.unlink(path)
    # As a detached process (-D), so that the command stays our child, to be waited for and sent signals.
    strace = ["strace", "-D", "-c", "-f", "-o", path]
    if shutil.which("strace") and works(strace):
        return strace, lambda: read_strace(path)
    return ["perf", "stat", "-x,", "-e", PERF_EVENT, "-o", path, "--"], lambda: read_perf(path)

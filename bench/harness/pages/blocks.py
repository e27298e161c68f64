"""The tables of figures that stand in a page of the tree, each made of one file of bench/results.

scripts/generate puts them there and says which differ.
"""

import json
import os
from collections.abc import Callable
from typing import Any

from harness.field import places
from harness.figures import results
from harness.pages import markdown

PAGE = "bench/README.md"

# Those of what `bench/run` measured, and of what `bench/run compare` and `bench/run tune` did. kind: (file, table)
MEASURED: dict[str, tuple[str, Callable[[results.Results], list[str]]]] = {
    "sizes": ("bench.json", markdown.sizes), "start": ("bench.json", markdown.start),
    "suite": ("bench.json", markdown.suite), "behind": ("bench.json", markdown.behind),
    "scaling": ("scaling.json", markdown.scaling), "guides": ("guides.json", markdown.guide),
    "freed": ("turns.json", markdown.freed), "modes": ("modes.json", markdown.mode),
}
COMMANDS: dict[str, tuple[str, Callable[[dict[str, Any]], list[str]]]] = {
    "compare": ("compare.json", markdown.compare), "tune": ("tune.json", markdown.tune),
}
FILES = {kind: name for kind, (name, _) in [*MEASURED.items(), *COMMANDS.items()]}


def written_by(path: str) -> str:
    """Return what wrote a results file: "loads", "compare", "tune" or "run"; raises ValueError if nothing of ours."""
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    if not isinstance(data, dict):
        raise ValueError("not a file that bench/run wrote")
    command = str(data.get("command"))
    return "loads" if "tick_ms" in data else command if command in COMMANDS else "run"


def read_plain(path: str) -> dict[str, Any]:
    """Return the JSON object of a file."""
    with open(path, encoding="utf-8") as file:
        return dict(json.load(file))


def source(kind: str) -> str:
    """Return the path, in the tree, of the file that a table is made of."""
    return os.path.relpath(os.path.join(places.RESULTS, FILES[kind]), places.ROOT)


def table(kind: str) -> list[str]:
    """Return the lines of a table; raises OSError, ValueError, KeyError or TypeError if the file has another form."""
    path = os.path.join(places.RESULTS, FILES[kind])
    if kind in MEASURED:
        return MEASURED[kind][1](results.read(path))
    return COMMANDS[kind][1](read_plain(path))

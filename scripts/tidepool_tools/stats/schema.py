"""The schema of the statistics: what each counter is called, whether it only grows, and what it counts."""

import functools
import json
from dataclasses import dataclass

from ..base.installation import own_file


@dataclass(frozen=True)
class Counter:
    """A number of a dump. Of a group its name has both parts: hits.local."""
    name: str
    kind: str  # counter or level
    help: str
    column: str  # the heading in the text, or empty
    group_help: str

    @property
    def short(self) -> str:
        """The name without its group."""
        return self.name.rpartition(".")[2]


@functools.cache
def counters(part: str) -> tuple[Counter, ...]:
    """The numbers of a part of a dump (totals, large or turn), in its order."""
    with open(own_file("stats.schema.json"), encoding="utf-8") as file:
        parts = json.load(file)["$defs"]
    found = []
    for name, said in parts[part]["properties"].items():
        group = parts[said["$ref"].rpartition("/")[2]]["properties"] if "$ref" in said else {"": said}
        found += [Counter(f"{name}.{inner}" if inner else name, each.get("x-kind", ""), each["description"],
                          each.get("x-column", ""), said["description"] if inner else "")
                  for inner, each in group.items()]
    return tuple(found)

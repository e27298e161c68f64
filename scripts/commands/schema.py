"""The schema of the statistics, which stands beside the commands: what each counter is called, and what it counts."""

import json
import os

from .library import Failure, OWN_FAILURE, installation_root

NAME = "stats.schema.json"


def find_schema():
    """The schema's path: of an installation, else of a source tree."""
    commands = os.path.dirname(os.path.realpath(__file__))
    candidates = [os.path.join(os.path.dirname(commands), NAME), os.path.join(installation_root(), "shim", "report", NAME)]
    for path in candidates:
        if os.path.isfile(path):
            return path
    raise Failure(f"{NAME} is neither in {' nor in '.join(os.path.dirname(path) for path in candidates)}", OWN_FAILURE)


class Schema:
    """The counters of a dump, in its order."""

    def __init__(self):
        with open(find_schema(), encoding="utf-8") as file:
            self.parts = json.load(file)["$defs"]

    def counters(self, part):
        """(path of names, what the schema says) of each number of a part: totals, large or turn."""
        for name, each in self.parts[part]["properties"].items():
            inner = self.parts[each["$ref"].rpartition("/")[2]]["properties"] if "$ref" in each else None
            if inner is None:
                yield (name,), each
            else:
                for inner_name, inner_each in inner.items():
                    yield (name, inner_name), inner_each

    def group_help(self, name):
        """What the schema says of a group of counters, such as the hits."""
        return self.parts["totals"]["properties"][name]["description"]


def value_at(row, path):
    """The number at a path of names; 0 where an older dump has none."""
    for name in path:
        row = row.get(name, {})
    return row or 0

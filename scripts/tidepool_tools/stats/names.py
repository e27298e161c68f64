"""The names of the statistics in their current version, also where a file has those of an older library."""

from typing import Any

CURRENT = 2
# Those of version 1, which had no number.
OLD = {"cpu": "cache_guard", "tide": "turn", "primary": "local", "news": "from_slab", "drops": "spilled"}


def renamed(values: Any, old: dict[str, str] = OLD) -> Any:
    """An object with its names as they are now, and so those of the objects in it; but programs keep theirs."""
    if isinstance(values, list):
        return [renamed(value) for value in values]
    if isinstance(values, dict):
        return {old.get(name, name): renamed(value, {} if name == "by_program" else OLD)
                for name, value in values.items()}
    return values


def current(dump: Any) -> Any:
    """A dump, or a sum of dumps, with its names as they are now."""
    return dump if isinstance(dump, dict) and "schema" in dump else renamed(dump)

"""The names of the statistics in their current version, also where a file has those of an older library."""

from typing import Any

CURRENT = 2
# Those of version 1, which had no number.
OLD = {"cpu": "cache_guard", "tide": "turn", "primary": "local", "news": "from_slab", "drops": "spilled"}


def renamed(values: Any) -> Any:
    """An object with its names as they are now, and so those of the objects in it; anything else as it is."""
    if isinstance(values, list):
        return [renamed(value) for value in values]
    if isinstance(values, dict):
        return {OLD.get(name, name): renamed(value) for name, value in values.items()}
    return values


def current(dump: dict[str, Any]) -> dict[str, Any]:
    """A dump, or a sum of dumps, with its names as they are now. Names of programs are not touched."""
    if "schema" in dump:
        return dump
    programs = dump.get("by_program")
    renewed: dict[str, Any] = renamed({name: value for name, value in dump.items() if name != "by_program"})
    if isinstance(programs, dict):
        renewed["by_program"] = {program: current(each) if isinstance(each, dict) else each
                                 for program, each in programs.items()}
    return renewed

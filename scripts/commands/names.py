"""The names of the statistics in their current version, also where a file has those of an older library."""

CURRENT = 2
OLD = {"cpu": "cache_guard", "tide": "turn", "primary": "local", "news": "from_slab", "drops": "spilled"}  # of version 1


def renamed(values):
    """An object with its names as they are now; anything else as it is."""
    return {OLD.get(name, name): value for name, value in values.items()} if isinstance(values, dict) else values


def current(dump):
    """A dump, or a sum of dumps, with its names as they are now."""
    if not isinstance(dump, dict) or "schema" in dump:
        return dump
    dump = renamed(dump)
    for name in ("totals", "classes"):
        if isinstance(dump.get(name), list):
            dump[name] = [row_of(row) for row in dump[name]]
        elif name in dump:
            dump[name] = row_of(dump[name])
    if isinstance(dump.get("by_program"), dict):
        dump["by_program"] = {program: current(each) for program, each in dump["by_program"].items()}
    return dump


def row_of(row):
    """One class's counters, or their sum, likewise."""
    row = renamed(row)
    if isinstance(row, dict) and "hits" in row:
        row["hits"] = renamed(row["hits"])
    return row

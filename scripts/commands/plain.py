"""Plain text for a terminal: bytes as people read them, and foreign names without what would steer it."""

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def in_bytes(count):
    """512 B, 3.2 KiB, -18.0 MiB"""
    unit = 0
    while abs(count) >= 1024 and unit < len(UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.{1 if unit else 0}f} {UNITS[unit]}"


def printable(text):
    """A foreign text with a ? for each sign that is none to be seen."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)

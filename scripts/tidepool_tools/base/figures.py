"""Figures as people read them, the same everywhere, and foreign names without what would steer a terminal."""

UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def bytes_text(count: float) -> str:
    """512 B, 3.2 KiB, 64 KiB, -18.5 MiB"""
    unit = 0
    while abs(count) >= 1024 and unit < len(UNITS) - 1:
        count, unit = count / 1024, unit + 1
    return f"{count:.{1 if unit and count % 1 else 0}f} {UNITS[unit]}"


def size_text(count: float) -> str:
    """An object's size, never rounded: 64 B, 1 KiB, 1,280 B"""
    return bytes_text(count) if count % 1024 == 0 else f"{count:,.0f} B"


def count_text(number: float) -> str:
    """1,359,744"""
    return f"{number:,.0f}"


def short_text(number: float, gap: str = " ", step: int = 1000, units: tuple[str, ...] = ("", "k", "M", "G")) -> str:
    """Three digits and a unit: 982, 12.8 k, 2.11 M"""
    unit = 0
    while number >= step * 0.9995 and unit < len(units) - 1:
        number, unit = number / step, unit + 1
    figure = f"{number:.3g}" if unit and number < 999.5 else f"{number:.0f}"
    return f"{figure}{gap if units[unit] else ''}{units[unit]}"


def share_text(part: float, whole: float, decimals: int = 1) -> str:
    """99.5 %, and - of nothing"""
    return f"{100 * part / whole:.{decimals}f} %" if whole else "-"


def change_text(before: float, after: float) -> str:
    """+12.3 %, 48 x from ten times on, and - where there was nothing"""
    if before and after >= 10 * before:
        return f"{after / before:,.0f} x"
    return f"{100 * (after - before) / before:+.1f} %" if before else "-"


def seconds_text(seconds: float) -> str:
    """0.25 ms, 1.253 s, 5 min 3 s, 3 h 7 min"""
    if 0 < seconds < 0.1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 60:
        return f"{seconds:.3f} s" if seconds else "0 s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:,.0f} h {seconds % 3600 // 60:.0f} min"


def plural(count: int, noun: str, more: str = "s") -> str:
    """1 run, 3 runs"""
    return f"{count:,} {noun}{more if count != 1 else ''}"


def printable(text: str) -> str:
    """A foreign text with a ? for each sign that is none to be seen."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)

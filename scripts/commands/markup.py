"""HTML put together so that what comes from a file cannot become markup: every text is escaped as it goes in.

Also how the pages write numbers: with their units, and the same everywhere.
"""

import html
import re

# Control characters mean nothing in a page, lone surrogates cannot be written at all.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
GAP = "\u00a0"  # between a number and its unit, where no line may end
VOID = {"meta", "br"}


class Markup(str):
    """Text that is HTML already."""


def escaped(value):
    """The HTML of anything: Markup as it is, all else as text."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(UNPRINTABLE.sub("\ufffd", str(value))))


def joined(parts):
    """The HTML of parts one after the other; None is left out."""
    return Markup("".join(escaped(part) for part in parts if part is not None))


def element(tag, *children, **attributes):
    """An element. An attribute's `_` is a `-` (data_x) and goes at its end (class_); None leaves it out."""
    words = "".join(f' {name.rstrip("_").replace("_", "-")}="{escaped(value)}"'
                    for name, value in attributes.items() if value is not None)
    if tag in VOID:
        return Markup(f"<{tag}{words}>")
    return Markup(f"<{tag}{words}>{joined(children)}</{tag}>")


def foreign(text):
    """A name out of a file: isolated, so that one in another writing direction turns nothing around it."""
    return element("bdi", text)


def paragraph(*children):
    """A paragraph."""
    return element("p", *children)


def table(title, heads, rows, words=1):
    """A table that scrolls within itself. The first `words` columns hold words, the others numbers."""
    def cells(tag, row):
        return (element(tag, cell, class_=None if number < words else "n") for number, cell in enumerate(row))

    body = (element("tr", *cells("td", row)) for row in rows)
    inner = element("table", element("thead", element("tr", *cells("th", heads))), element("tbody", *body))
    return element("div", inner, class_="scroll", tabindex="0", role="region", aria_label=title)


def folded(summary, *children):
    """What is shown when its line is clicked."""
    return element("details", element("summary", summary), *children)


def count_text(number):
    """1,359,744"""
    return f"{number:,.0f}"


def short_count_text(number):
    """1.36 M"""
    for unit, factor in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= factor * 10 or (unit != "k" and number >= factor):
            figure = f"{number / factor:.3g}" if number < factor * 999.5 else f"{number / factor:,.0f}"
            return f"{figure}{GAP}{unit}"
    return count_text(number)


def bytes_text(number):
    """512 B, 3.2 KiB, 18.0 MiB; whole KiB and MiB without a decimal, as sizes are named."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if number >= factor:
            figure = f"{number / factor:,.0f}" if number % factor == 0 else f"{number / factor:,.1f}"
            return f"{figure}{GAP}{unit}"
    return f"{number:.0f}{GAP}B"


def size_text(number):
    """An object's size: 64 B, 1 KiB, 1,280 B."""
    return bytes_text(number) if number % 1024 == 0 else f"{number:,.0f}{GAP}B"


def share_text(part, whole):
    """99.5 %, and - of nothing."""
    return f"{100 * part / whole:.1f}{GAP}%" if whole else "-"


def change_text(before, after):
    """+12.3 %, 48 × from ten times on, and - where there was nothing."""
    if before and after >= 10 * before:
        return f"{after / before:,.0f}{GAP}\u00d7"
    return f"{100 * (after - before) / before:+.1f}{GAP}%".replace("-", "\u2212") if before else "-"


def seconds_text(seconds):
    """0.25 ms, 1.25 s, 5 min 3 s, 3 h 7 min."""
    if seconds < 60:
        if 0 < seconds < 0.1:
            return f"{seconds * 1000:.3g}{GAP}ms"
        decimals = 3 if seconds < 1 else 2 if seconds < 10 else 1
        return f"{seconds:.{decimals}f}{GAP}s" if seconds else f"0{GAP}s"
    if seconds < 3600:
        return f"{seconds // 60:.0f}{GAP}min {seconds % 60:.0f}{GAP}s"
    return f"{seconds // 3600:,.0f}{GAP}h {seconds % 3600 // 60:.0f}{GAP}min"

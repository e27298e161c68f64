"""How numbers are written."""

import statistics
from collections.abc import Collection

Ratios = tuple[float, float, float]  # the median of the rounds, the lowest, the highest


def number(value: float | None) -> str:
    """Three significant digits or so, never in powers of ten."""
    if value is None:
        return "-"
    magnitude = abs(value)
    return "%.*f" % (0 if magnitude >= 100 else 1 if magnitude >= 10 else 2 if magnitude >= 1 else 3, value)


def quotient(value: float | None) -> str:
    """Two decimals."""
    return "-" if value is None else "%.2f" % value


def middle(ratios: Ratios | None) -> float | None:
    """Return the median of ratios, if there are any."""
    return ratios[0] if ratios else None


def spread(values: Collection[float]) -> str:
    """The lowest and the highest."""
    return "%s..%s" % (number(min(values)), number(max(values))) if values else ""


def median_and_range(values: Collection[float]) -> str:
    """The median, and the lowest and the highest in words."""
    return "%s (%s to %s)" % (number(statistics.median(values)), number(min(values)), number(max(values)))


def size_label(size: int) -> str:
    """A size of objects."""
    return "%d KiB" % (size // 1024) if size >= 1024 else "%d B" % size

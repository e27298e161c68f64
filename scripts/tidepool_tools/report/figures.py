"""Figures as a page has them: those of base.figures, whose units stay on the line of their number."""

from collections.abc import Callable
from typing import Any

from ..base import figures

GAP = "\u00a0"


def kept_together(write: Callable[..., str]) -> Callable[..., str]:
    """The same figure with spaces that do not break, and the signs that a terminal may not have."""
    def written(*numbers: Any) -> str:
        return write(*numbers).replace(" x", " \u00d7").replace(" ", GAP)
    return written


bytes_text = kept_together(figures.bytes_text)
size_text = kept_together(figures.size_text)
seconds_text = kept_together(figures.seconds_text)
share_text = kept_together(figures.share_text)
change_text = kept_together(figures.change_text)
count_text = figures.count_text


def short_text(number: float) -> str:
    """1.36 M"""
    return figures.short_text(number, GAP)

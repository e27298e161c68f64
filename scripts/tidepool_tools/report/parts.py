"""The parts of pages, as HTML: the macros of templates/parts.html. What is no Markup is escaped as it goes in."""

import os
import re
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")
# Control characters mean nothing in a page, lone surrogates cannot be written at all.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Between a number and its unit no line may end.
UNIT_GAP = re.compile(r"(?<=\d) (?=([KMGT]i)?B\b|[kMG]\b|%|x\b|ms\b|s\b|min\b|h\b)")


def shown(value: Any) -> Any:
    """A value as it can be in a page."""
    return type(value)(UNIT_GAP.sub("\u00a0", UNPRINTABLE.sub("\ufffd", value))) if isinstance(value, str) else value


ENVIRONMENT = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, finalize=shown,
                          trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
ENVIRONMENT.filters["percent"] = lambda share: f"{100 * share:.3f}%"
parts: Any = ENVIRONMENT.get_template("parts.html").module


def text(pattern: str, *values: Any) -> Markup:
    """Text with values in it, each escaped unless it is HTML already."""
    return Markup(pattern).format(*values)

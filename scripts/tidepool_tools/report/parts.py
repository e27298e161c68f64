"""The parts of pages, as HTML: the macros of templates/parts.html. What is no Markup is escaped as it goes in."""

import os
import re
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = os.path.dirname(os.path.abspath(__file__))
# Control characters mean nothing in a page, lone surrogates cannot be written at all.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def shown(value: Any) -> Any:
    """A value without what cannot be in a page."""
    return type(value)(UNPRINTABLE.sub("\ufffd", value)) if isinstance(value, str) else value


ENVIRONMENT = Environment(loader=FileSystemLoader(os.path.join(HERE, "templates")), autoescape=True, finalize=shown,
                          trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
ENVIRONMENT.filters["percent"] = lambda share: f"{100 * share:.3f}%"
parts: Any = ENVIRONMENT.get_template("parts.html").module


def text(pattern: str, *values: Any) -> Markup:
    """Text with values in it, each escaped unless it is HTML already."""
    return Markup(pattern).format(*values)

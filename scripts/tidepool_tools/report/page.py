"""The pages that tidepool writes: one file each, with nothing to load and nothing sent anywhere.

Style and script are templates as the rest; the page forbids itself any other.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from .parts import ENVIRONMENT, parts


@dataclass
class Group:
    """A group of sections, and what is in none of them."""
    title: Any
    parts: list[Markup] = field(default_factory=list)

    def section(self, title: str, text: Any, *inner: Markup) -> None:
        """Add a section, with a sentence or two of what it shows."""
        self.parts.append(parts.section(title, text, inner))


@dataclass
class Page:
    """A page that is being put together."""
    title: str
    groups: list[Group] = field(default_factory=list)

    def group(self, title: Any, *inner: Markup) -> Group:
        """Begin a group of sections."""
        self.groups.append(Group(title, list(inner)))
        return self.groups[-1]

    def html(self) -> str:
        """The whole page."""
        script = hashlib.sha256(ENVIRONMENT.get_template("page.js").render().encode()).digest()
        return ENVIRONMENT.get_template("page.html").render(page=self, digest=base64.b64encode(script).decode()) + "\n"

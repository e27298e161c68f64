"""The pages that tidepool writes: one file each, with nothing to load and nothing sent anywhere.

The style is page.css and the script page.js, beside this file; the page forbids itself any other.
"""

import base64
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from .parts import ENVIRONMENT, HERE, parts


def own_file(name: str) -> Markup:
    """The text of a file beside this one."""
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return Markup(file.read())


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
        script = own_file("page.js")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        template = ENVIRONMENT.get_template("page.html")
        return template.render(page=self, style=own_file("page.css"), script=script, digest=digest) + "\n"

"""The pages that tidepool writes: one file each, with nothing to load and nothing sent anywhere.

The style is page.css and the script page.js, beside this file; the page forbids itself any other.
"""

import base64
import hashlib
import os

from . import output
from .markup import Markup, element, joined, paragraph

HERE = os.path.dirname(os.path.abspath(__file__))


def own_file(name):
    """The text of a file beside this one."""
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


class Page:
    """A page that is being put together: groups of sections, each with a title and a sentence of what it shows."""

    def __init__(self, title, lead):
        self.title, self.lead = title, lead
        self.parts, self.links = [], []

    def add(self, *parts):
        """Add what is in no section."""
        self.parts.extend(parts)

    def group(self, title, *parts):
        """Begin a group of sections."""
        name = f"part-{len(self.links) + 1}"
        self.links.append((name, title))
        self.parts.extend([element("h2", title, id=name), *parts])

    def section(self, title, sentence, *parts):
        """Add a section."""
        self.parts.append(element("section", element("h3", title), paragraph(sentence), *parts))

    def html(self):
        """The whole page."""
        script = own_file("page.js")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
        links = [element("li", element("a", title, href=f"#{name}")) for name, title in self.links]
        head = element(
            "head", element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", self.title), element("style", Markup(own_file("page.css"))))
        body = element(
            "body", element("header", element("h1", self.title), element("p", self.lead, class_="lead"),
                            element("nav", element("ul", *links), aria_label="Contents") if len(links) > 1 else None),
            element("main", *self.parts), element("script", Markup(script)))
        return "<!DOCTYPE html>\n" + joined([element("html", head, body, lang="en")]) + "\n"

    def write(self, path):
        """Write the page to a file, or to standard output where that is called -."""
        output.write(self.html(), path)


def facts(rows):
    """The figures that come first. rows: (name, figure, note)."""
    return element("dl", *(element("div", element("dt", name), element("dd", figure, class_="figure"),
                                   element("dd", note, class_="note")) for name, figure, note in rows), class_="facts")

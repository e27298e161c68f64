"""The tables of policy/*.def, for what is written from them: the tables of the pages and the man page."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TABLES = {
    "options": ("policy/options.def", "TP_OPTION(?:_FIRST)?"),
    "options to begin with": ("policy/options.def", "TP_OPTION_FIRST"),
    "stats": ("policy/stats.def", "TP_STAT(?:_LEVEL)?"),
    "turn": ("policy/stats.def", "TP_STAT_TURN(?:_LEVEL)?"),
}


def rows(path: str, macro: str) -> Iterator[list[str]]:
    """The rows of a .def file, each a list of its fields as text."""
    code = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text(), flags=re.S)
    for body in re.findall(r"^" + macro + r"\((.*?)\)\n(?=\s*(?:TP_|#|\Z))", code + "\n", flags=re.S | re.M):
        yield [field.strip().strip('"') for field in re.findall(r'"(?:\\.|[^"])*"|[^,"]+', body) if field.strip()]

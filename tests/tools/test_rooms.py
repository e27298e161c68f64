"""A room of the package imports only itself and what stands before it, and every file says what it is for."""

import ast
from pathlib import Path

import tidepool_tools

PACKAGE = Path(tidepool_tools.__file__).parent
FILES = sorted(PACKAGE.glob("*/*.py"))
NAMELESS = {"util", "utils", "common", "helpers", "misc"}


def imported_rooms(path):
    """The rooms whose modules a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            yield from [node.module.split(".")[0]] if node.module else [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module.startswith("tidepool_tools"):
            raise AssertionError(f"{path}: not relative: {node.module}")


def test_rooms_are_in_order():
    for path in FILES:
        own = tidepool_tools.ROOMS.index(path.parent.name)
        for room in imported_rooms(path):
            assert tidepool_tools.ROOMS.index(room) < own, f"{path} imports {room}"


def test_rooms_are_all_there_is():
    assert {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(
        tidepool_tools.ROOMS)
    assert any(list(imported_rooms(path)) for path in FILES)


def test_every_file_says_what_it_is_for():
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text())), path
        assert path.stem not in NAMELESS

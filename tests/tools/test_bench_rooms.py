"""The rooms of bench/harness: a module imports only from its own room and from those below it."""

import ast
from collections.abc import Iterator
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"
PACKAGE = "harness"


def order_of(init: Path) -> tuple[str, ...]:
    """The rooms in their order, as the package's own file has it."""
    for node in ast.parse(init.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ROOMS":
            return tuple(ast.literal_eval(node.value))
    raise AssertionError(f"{init} has no ROOMS")


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it, by their whole names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def upward(package: Path) -> list[str]:
    """A line for each import of a room that stands above the file's own, or in none."""
    order = order_of(package / "__init__.py")
    found = []
    for path in sorted(package.glob("*/*.py")):
        for name in imported(path):
            parts = name.split(".")
            if parts[0] == package.name and (
                    parts[1] not in order or order.index(parts[1]) > order.index(path.parent.name)):
                found.append(f"{path.relative_to(package)} imports {name}")
    return found


def test_imports_go_down() -> None:
    assert upward(BENCH / PACKAGE) == []


def test_every_folder_is_a_room() -> None:
    folders = {path.parent.name for path in (BENCH / PACKAGE).glob("*/*.py")}
    assert folders == set(order_of(BENCH / PACKAGE / "__init__.py"))


def test_an_import_that_goes_up_is_found(tmp_path: Path) -> None:
    package = tmp_path / PACKAGE
    for room in ("low", "high"):
        (package / room).mkdir(parents=True)
    (package / "__init__.py").write_text('ROOMS = ("low", "high")\n', encoding="utf-8")
    (package / "high" / "uses.py").write_text(f"from {PACKAGE}.low import name\n", encoding="utf-8")
    assert upward(package) == []
    (package / "low" / "uses.py").write_text(f"def f():\n    import {PACKAGE}.high.name\n", encoding="utf-8")
    assert upward(package) == [f"low/uses.py imports {PACKAGE}.high.name"]

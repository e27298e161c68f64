"""Where this package is installed, and what is installed with it: a source tree has the same files elsewhere."""

import re
from pathlib import Path

from .failure import Failure, OWN_FAILURE

HERE = Path(__file__).resolve().parent.parent.parent  # scripts of a source tree, or share/tidepool below a prefix
IS_TREE = HERE.name == "scripts"
ROOT = HERE.parent if IS_TREE else HERE.parent.parent  # holds the library as well


def own_file(name: str) -> Path:
    """The path of a file that comes with the package: beside it, or in the source tree's shim/."""
    found = next((ROOT / "shim").rglob(name), None) if IS_TREE else HERE / name
    if found is None or not found.is_file():
        raise Failure(f"{name} is neither in {HERE} nor in {ROOT}/shim", OWN_FAILURE)
    return found


def version() -> str:
    """The version, as the library's sources have it."""
    match = re.search(r'TP_VERSION "([^"]+)"', own_file("version.h").read_text(encoding="utf-8"))
    return match[1] if match else "unknown"

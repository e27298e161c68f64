"""Where the files of the tree lie."""

import os

BENCH = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROOT = os.path.dirname(BENCH)
RESULTS = os.path.join(BENCH, "results")
BUILD = os.path.join(ROOT, "build")
TIDEPOOL_COMMAND = os.path.join(ROOT, "scripts", "tidepool")
LIBRARY_NAME = "libtidepool.so"


def library(build: str) -> str:
    """Return the path of the library in a build folder."""
    return os.path.join(os.path.abspath(build), LIBRARY_NAME)


def program(build: str, name: str) -> str:
    """Return the path of a benchmark program in a build folder; its name has its room, as in micro/pair."""
    return os.path.join(build, "bench", name)


def shown(path: str | None) -> str | None:
    """Return a path for a results file: one in this tree without the place of the tree."""
    return os.path.relpath(path, ROOT) if path and path.startswith(ROOT + os.sep) else path


def can_write(path: str) -> bool:
    """Return whether a file can be made at a path."""
    return not os.path.isdir(path) and os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)

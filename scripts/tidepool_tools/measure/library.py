"""The shared library: where it is, its table of options, and what it takes to start a program with it."""

import os
import platform
import re
import subprocess

from ..base.failure import Failure, OWN_FAILURE, WRONG_USAGE
from ..base.installation import ROOT

LIBRARY_NAME = "libtidepool.so"
PREFIX = "TIDEPOOL_"
PROBE = "/bin/true"  # what the library is loaded into to ask it for its table

TABLE_ROW = re.compile(r"^  " + PREFIX + r"(?P<name>\w+)=(?P<values>.*)\n +(?P<help>.*)$", re.MULTILINE)


class Library:
    """The shared library at a path, or the one that belongs to this package; and what it says about itself."""

    def __init__(self, path: str | None = None) -> None:
        self.path = os.path.abspath(path or find_library())
        if not os.path.isfile(self.path):
            raise Failure(f"{path}: no such library", OWN_FAILURE)
        if re.search(r"[\s:]", self.path):
            raise Failure(f"{self.path}: LD_PRELOAD takes no path with a space or a colon", OWN_FAILURE)
        self.page, complaint = self.ask({})
        if not self.page.startswith("Tidepool "):
            reason = f"not a Tidepool library that loads here ({complaint or 'it says nothing'})"
            raise Failure(f"{self.path}: {reason}", OWN_FAILURE)

    def ask(self, assignments: dict[str, str]) -> tuple[str, str]:
        """Load the library with `assignments`, to print its help. Returns (help, first line of complaint)."""
        environment = {"LD_PRELOAD": self.path, PREFIX + "HELP": "1", PREFIX + "STRICT": "1", **assignments}
        try:
            probe = subprocess.run([PROBE], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                   encoding="utf-8", errors="replace", check=False)
        except OSError as error:
            raise Failure(f"{PROBE}: {error.strerror}", OWN_FAILURE) from None
        return probe.stdout, probe.stderr.partition("\n")[0]

    def version(self) -> str:
        """The first line of the help up to its colon: 'Tidepool 1.2.3'."""
        return self.page.partition(":")[0]

    def options(self) -> list[tuple[str, str, str]]:
        """The rows of the option table, as (name without TIDEPOOL_, values, help)."""
        return [(row["name"], row["values"], row["help"]) for row in TABLE_ROW.finditer(self.page)]

    def check(self, assignments: dict[str, str]) -> None:
        """Have the library read `assignments`; Failure with its own words where it does not take one."""
        _, complaint = self.ask(assignments)
        if complaint:
            raise Failure(complaint.partition("tidepool: ")[2] or complaint, WRONG_USAGE)

    def preload(self, environment: dict[str, str]) -> str:
        """LD_PRELOAD with the library before what an environment already names."""
        others = environment.get("LD_PRELOAD", "")
        return f"{self.path}:{others}" if others else self.path


def find_library() -> str:
    """The library that belongs to this package: of the same installation, else of the same source tree."""
    # Of several architectures' libraries, the one of this machine.
    multiarch = sorted((ROOT / "lib").glob(f"*-linux-gnu/{LIBRARY_NAME}"),
                       key=lambda path: f"/{platform.machine()}-" not in str(path))
    for path in [ROOT / "lib" / LIBRARY_NAME, *multiarch, ROOT / "build" / LIBRARY_NAME]:
        if path.is_file():
            return str(path)
    places = f"{LIBRARY_NAME} is neither in {ROOT}/lib nor in {ROOT}/build"
    raise Failure(f"{places}: build it with make, or name it with --library", OWN_FAILURE)


def own_environment() -> dict[str, str]:
    """os.environ without the LC_CTYPE that Python itself adds in the C locale, which is not the command's business."""
    environment = dict(os.environ)
    with open("/proc/self/environ", "rb") as given:
        if b"\0LC_CTYPE=" not in b"\0" + given.read():
            environment.pop("LC_CTYPE", None)
    return environment

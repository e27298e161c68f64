"""The shared library: where it is, its table of options, and what every subcommand needs to start a program with it."""

import argparse
import glob
import os
import platform
import re
import subprocess

LIBRARY_NAME = "libtidepool.so"
PREFIX = "TIDEPOOL_"
PROBE = "/bin/true"  # what the library is loaded into to ask it for its table

WRONG_USAGE = 2
OWN_FAILURE = 125  # these three are those of env, nice and timeout
CANNOT_RUN = 126
NOT_FOUND = 127
INTERRUPTED = 130

TABLE_ROW = re.compile(r"^  " + PREFIX + r"(?P<name>\w+)=(?P<values>.*)\n +(?P<help>.*)$", re.MULTILINE)


class Failure(Exception):
    """A reason to stop: one line for people, and the exit status."""

    def __init__(self, reason, status):
        super().__init__(reason)
        self.status = status


class Parser(argparse.ArgumentParser):
    """An argument parser that knows no abbreviations and reports wrong usage in one line."""

    def __init__(self, **settings):
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **settings)

    def error(self, message):
        raise Failure(message, WRONG_USAGE)


class Library:
    """The shared library at an absolute path, and what it says about itself."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        if not os.path.isfile(self.path):
            raise Failure(f"{path}: no such library", OWN_FAILURE)
        if re.search(r"[\s:]", self.path):
            raise Failure(f"{self.path}: LD_PRELOAD takes no path with a space or a colon", OWN_FAILURE)
        self.page, complaint = self.ask({})
        if not self.page.startswith("Tidepool "):
            reason = f"not a Tidepool library that loads here ({complaint or 'it says nothing'})"
            raise Failure(f"{self.path}: {reason}", OWN_FAILURE)

    def ask(self, assignments):
        """Load the library with `assignments`, to print its help. Returns (help, first line of complaint)."""
        environment = {"LD_PRELOAD": self.path, PREFIX + "HELP": "1", PREFIX + "STRICT": "1", **assignments}
        try:
            probe = subprocess.run([PROBE], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                                   encoding="utf-8", errors="replace", check=False)
        except OSError as error:
            raise Failure(f"{PROBE}: {error.strerror}", OWN_FAILURE) from None
        return probe.stdout, probe.stderr.partition("\n")[0]

    def version(self):
        """The first line of the help up to its colon: 'Tidepool 1.2.3'."""
        return self.page.partition(":")[0]

    def options(self):
        """The rows of the option table, as (name without TIDEPOOL_, values, help)."""
        return [row.group("name", "values", "help") for row in TABLE_ROW.finditer(self.page)]

    def check(self, assignments):
        """Have the library read `assignments`; Failure with its own words where it does not take one."""
        _, complaint = self.ask(assignments)
        if complaint:
            raise Failure(complaint.partition("tidepool: ")[2] or complaint, WRONG_USAGE)


def installation_root():
    """The folder that holds both the script and the library: a source tree, or the prefix of an installation."""
    here = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # scripts, or share/tidepool
    return os.path.dirname(here) if os.path.basename(here) == "scripts" else os.path.dirname(os.path.dirname(here))


def find_library():
    """Return the library that belongs to this script: of the same installation, else of the same source tree."""
    root = installation_root()
    multiarch = glob.glob(os.path.join(glob.escape(root), "lib", "*-linux-gnu", LIBRARY_NAME))
    # Of several architectures' libraries, the one of this machine.
    multiarch.sort(key=lambda path: f"/{platform.machine()}-" not in path)
    candidates = [os.path.join(root, "lib", LIBRARY_NAME), *multiarch, os.path.join(root, "build", LIBRARY_NAME)]
    for path in candidates:
        if os.path.isfile(path):
            return path
    places = f"{LIBRARY_NAME} is neither in {root}/lib nor in {root}/build"
    raise Failure(f"{places}: build it with make, or name it with --library", OWN_FAILURE)


def own_environment():
    """os.environ without the LC_CTYPE that Python itself adds in the C locale, which is not the command's business."""
    environment = dict(os.environ)
    with open("/proc/self/environ", "rb") as given:
        if b"\0LC_CTYPE=" not in b"\0" + given.read():
            environment.pop("LC_CTYPE", None)
    return environment


def preload(environment, path):
    """Put the library at `path` before what LD_PRELOAD already names."""
    others = environment.get("LD_PRELOAD", "")
    environment["LD_PRELOAD"] = f"{path}:{others}" if others else path

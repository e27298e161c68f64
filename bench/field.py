"""The allocators that are measured: which there are, where they lie, whether they take effect.

A peer is one of the field Tidepool is compared to. The null allocator is the floor, and what the user adds
is shown beside the others; neither is ever the "best peer".
"""

import os
import subprocess

TIDEPOOL = "tidepool"
NULL = "null"
GLIBC = "glibc"
MIMALLOC = "mimalloc"

# oneTBB's malloc is replaced by its proxy library: libtbbmalloc.so.2 alone only offers scalable_malloc.
PEER_LIBRARIES = {
    "jemalloc": "libjemalloc.so.2",
    MIMALLOC: "libmimalloc.so.2",
    "tcmalloc": "libtcmalloc_minimal.so.4",
    "tbbmalloc": "libtbbmalloc_proxy.so.2",
}
PEERS = (GLIBC, *PEER_LIBRARIES)

# Variables that steer an allocator and would reach only some of them: worth a note beside the figures.
STEERING = ("GLIBC_TUNABLES", "MALLOC_", "MIMALLOC_", "TCMALLOC_", "TBB_", "TIDEPOOL_")


class Allocator:
    """One column of the tables; path is None for glibc, which needs no preload."""

    def __init__(self, name, path):
        self.name = name
        self.path = path

    def environment(self):
        environment = {key: value for key, value in os.environ.items() if key != "LD_PRELOAD"}
        if self.path:
            environment["LD_PRELOAD"] = self.path
        return environment


def find_library(name):
    """Return the path of an installed shared library, or None."""
    try:
        listed = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True,
                                env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}).stdout
    except OSError:
        listed = ""
    for line in listed.splitlines():
        if line.split()[:1] == [name] and " => " in line and ("x86-64" in line or os.uname().machine != "x86_64"):
            return line.split(" => ")[1].strip()
    for folder in ("/usr/lib/%s-linux-gnu" % os.uname().machine, "/usr/lib64", "/usr/lib", "/usr/local/lib"):
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return None


def parse_extra(text):
    """Return the Allocator of a NAME=PATH argument; raise ValueError with what is wrong with it."""
    name, equals, path = text.partition("=")
    if not equals or not name or not path:
        raise ValueError("an allocator is NAME=PATH, not '%s'" % text)
    if name in PEERS or name in (TIDEPOOL, NULL):
        raise ValueError("the allocator name '%s' is taken" % name)
    path = os.path.abspath(path)
    if any(separator in path for separator in " :"):
        raise ValueError("LD_PRELOAD takes no path with a space or a colon: '%s'" % path)
    if not os.path.isfile(path):
        raise ValueError("allocator %s: no file %s" % (name, path))
    return Allocator(name, path)


def find_all(build, extra):
    """Return (allocators in column order, one-line notes on those that are missing)."""
    wanted = [(GLIBC, None), (TIDEPOOL, os.path.join(build, "libtidepool.so"))]
    wanted += [(name, find_library(library)) for name, library in PEER_LIBRARIES.items()]
    wanted += [(NULL, os.path.join(build, "bench", "libnull.so"))]
    found, notes = [], []
    for name, path in wanted:
        if name == GLIBC or (path and os.path.exists(path)):
            found.append(Allocator(name, path))
        elif name in PEER_LIBRARIES:
            notes.append("%s is missing: no %s installed" % (name, PEER_LIBRARIES[name]))
        else:
            notes.append("%s is missing: no %s" % (name, path))
    return found + extra, notes


def check(allocator, build):
    """Return None when a program under `allocator` calls its malloc and free, else what happens instead."""
    try:
        asked = subprocess.run([os.path.join(build, "bench", "who")], env=allocator.environment(),
                               capture_output=True, text=True, timeout=20)
    except subprocess.TimeoutExpired:
        return "a program that only starts hangs"
    if asked.returncode < 0:
        return "a program that only starts is killed by signal %d" % -asked.returncode
    if asked.returncode > 0:
        return (asked.stderr.strip().splitlines() or ["a program that only starts fails"])[-1]
    actual = asked.stdout.strip()
    if allocator.path is None:
        return None if os.path.basename(actual).startswith("libc.so") else "malloc is of %s" % actual
    if not os.path.exists(actual) or not os.path.samefile(actual, allocator.path):
        return "the preload has no effect: malloc is of %s" % actual
    return None


def steering_variables():
    """Return NAME=VALUE of each variable set that steers an allocator."""
    return ["%s=%s" % item for item in sorted(os.environ.items()) if item[0].startswith(STEERING)]

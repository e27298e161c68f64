"""The allocators of others that programs are compared under: which there are, and where they lie."""

import os
import subprocess

GLIBC = "glibc"
JEMALLOC = "jemalloc"
MIMALLOC = "mimalloc"

# oneTBB's malloc is replaced by its proxy library: libtbbmalloc.so.2 alone only offers scalable_malloc.
PEER_LIBRARIES = {
    JEMALLOC: "libjemalloc.so.2",
    MIMALLOC: "libmimalloc.so.2",
    "tcmalloc": "libtcmalloc_minimal.so.4",
    "tbbmalloc": "libtbbmalloc_proxy.so.2",
}


def find_shared_library(name: str) -> str | None:
    """Return the path of an installed shared library, or None."""
    try:
        listed = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=False,
                                env={**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}).stdout
    except OSError:
        listed = ""
    for line in listed.splitlines():
        if line.split()[:1] == [name] and " => " in line and ("x86-64" in line or os.uname().machine != "x86_64"):
            return line.split(" => ")[1].strip()
    for folder in (f"/usr/lib/{os.uname().machine}-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"):
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return None

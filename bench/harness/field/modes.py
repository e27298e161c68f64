"""Tidepool with a profile, and without restartable sequences: columns of bench/run that have to be named."""

from harness.field import places
from harness.field.allocators import FOLDER, Allocator

PROFILED, LOCKED = "profiled", "locked"
SETTINGS = {
    PROFILED: {"TIDEPOOL_PROFILE": FOLDER + "/%p.heap"},
    LOCKED: {"GLIBC_TUNABLES": "glibc.pthread.rseq=0"},
}


def columns(build: str) -> list[Allocator]:
    """Return the allocators."""
    return [Allocator(name, places.library(build), settings=settings) for name, settings in SETTINGS.items()]

"""Tidepool as it is where something is asked of it or missing: columns of bench/run that have to be named."""

import os

import field
import measure

PROFILED, LOCKED = "profiled", "locked"
SETTINGS = {
    PROFILED: {"TIDEPOOL_PROFILE": measure.FOLDER + "/%p.heap"},
    LOCKED: {"GLIBC_TUNABLES": "glibc.pthread.rseq=0"},
}


def columns(build):
    """Return the allocators."""
    return [field.Allocator(name, os.path.join(build, "libtidepool.so"), settings=settings)
            for name, settings in SETTINGS.items()]

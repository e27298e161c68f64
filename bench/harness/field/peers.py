"""The allocators of others, as tidepool's own commands know them."""

import os
import sys

from harness.field import places

sys.path.insert(0, os.path.join(places.ROOT, "scripts"))

from tidepool_tools.measure.allocators import (  # noqa: E402  the path is made above
    GLIBC, JEMALLOC, MIMALLOC, PEER_LIBRARIES, find_shared_library)

__all__ = ["GLIBC", "JEMALLOC", "MIMALLOC", "PEERS", "PEER_LIBRARIES", "find_shared_library"]

PEERS = (GLIBC, *PEER_LIBRARIES)

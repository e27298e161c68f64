#!/usr/bin/env python3
"""heap_growth.py [RECORDS]: seconds to build a heap of dicts, lists and strings that only grows.

Pattern: every record is a dict of small objects and stays alive, so that nearly every malloc is a miss in
any cache: what counts is the cost of fresh memory and how the objects lie in it. Python's own small-object
allocator must be off (PYTHONMALLOC=malloc), and its cycle collector is, as it would walk the heap again and
again. Prints seconds=ELAPSED records=COUNT peak_kib=KIB; starting and ending Python are not in it.
"""

import gc
import os
import sys
import time


def build(records):
    """Return a list of `records` dicts, and an index of them by name."""
    heap = []
    index = {}
    for number in range(records):
        name = "record-%d" % number
        record = {
            "id": number * 1000,
            "name": name,
            "position": [number * 0.5, number * 0.25, number * 0.125],
            "tags": ["tag-%d" % (number + i) for i in range(number % 7)],
            "links": {i: (number, i) for i in range(number % 5)},
        }
        heap.append(record)
        index[name] = record
    return heap, index


def peak_kib():
    """Peak resident memory of this process image (ru_maxrss would start from the parent's peak)."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def main():
    try:
        records = int(sys.argv[1]) if len(sys.argv) == 2 else 100000
        if len(sys.argv) > 2 or records < 1:
            raise ValueError
    except ValueError:
        sys.exit("usage: heap_growth.py [RECORDS]")
    if os.environ.get("PYTHONMALLOC") != "malloc":
        sys.exit("heap_growth.py: run with PYTHONMALLOC=malloc, or it measures Python's own allocator")
    gc.disable()
    start = time.monotonic()
    heap, index = build(records)
    seconds = time.monotonic() - start
    if len(index) != records or index["record-%d" % (records - 1)] is not heap[-1]:
        sys.exit("heap_growth.py: the heap is not what was built")
    print("seconds=%.4f records=%d peak_kib=%d" % (seconds, records, peak_kib()), flush=True)
    os._exit(0)  # taking the heap down is not a growing heap


main()

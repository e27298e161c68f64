"""The figures that a program prints about itself, and those that build/bench/launch/child writes about it."""

import os
import re

Figures = dict[str, float]


def numbers_in(text: str) -> Figures:
    """Return the key=value pairs of a text as numbers, without `sum`; raises ValueError if it is anything else."""
    pairs = (pair.split("=") for pair in text.split())
    return {key: float(value) for key, value in pairs if key != "sum"}


def checksum_in(text: str) -> str | None:
    """Return the value of `sum` in a text, which is the same under every allocator, or None if it has none."""
    found = re.search(r"(?:^|\s)sum=(\S+)", text)
    return found[1] if found else None


def read_child(path: str) -> Figures:
    """Return what child wrote: times added up if it ran several commands, the largest peak."""
    figures: Figures = {}
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            for line in file:
                for key, value in numbers_in(line).items():
                    figures[key] = max(figures.get(key, 0), value) if key == "peak_kib" else figures.get(key, 0) + value
    if "cpu_user_s" in figures:
        figures["cpu_s"] = figures["cpu_user_s"] + figures["cpu_system_s"]
    return figures


def add_derived(figures: Figures) -> None:
    """Add to figures in KiB the same in MiB and over what it was at the start, to a maximum in ns the same in us."""
    for key in [key for key in figures if key.endswith("_kib")]:
        figures[key[:-4] + "_mib"] = figures[key] / 1024
        if "start_kib" in figures:
            figures[key[:-4] + "_over_mib"] = (figures[key] - figures["start_kib"]) / 1024
    if "max_ns" in figures:
        figures["max_us"] = figures["max_ns"] / 1000
    if "operations" in figures and figures.get("seconds"):
        figures["million_per_s"] = figures["operations"] / figures["seconds"] / 1e6

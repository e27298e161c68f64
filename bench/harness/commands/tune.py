"""`bench/run tune`: four programs of the distribution, as `tidepool tune` tunes them: predicted, and what came true.

Every sample is written to a JSON file, of which a table of bench/README.md is made (make generate). What the programs
are given is in bench/tune.
"""

import os
from typing import Any

from harness.commands import distribution
from harness.field import places
from harness.measuring.tidepool_command import Subject, free_port

GIVEN = os.path.join(places.BENCH, "tune")
BLOB_BYTES = 120000000
FIGURES = ("wall_s", "cpu_s", "hit_share", "peak_rss_bytes")


def blob(folder: str) -> str:
    """Make a file that no two pieces of are alike; return its path."""
    path = os.path.join(folder, "blob")
    with open(path, "wb") as file:
        for _ in range(BLOB_BYTES // 1000000):
            file.write(os.urandom(1000000))
    return path


def python(folder: str) -> list[str]:
    return ["--", "/usr/bin/python3", os.path.join(GIVEN, "chunks.py"), blob(folder)]


def perl(folder: str) -> list[str]:
    return ["--", "perl", os.path.join(GIVEN, "chunks.pl"), blob(folder)]


def sqlite(_folder: str) -> list[str]:
    return ["--", "sqlite3", ":memory:", ".read '%s'" % os.path.join(GIVEN, "rows.sql")]


def redis(_folder: str) -> list[str]:
    port = free_port()
    return ["--load", "sh '%s' %d" % (os.path.join(GIVEN, "values.sh"), port), "--signal", "TERM",
            "--", "redis-server", "--port", str(port), "--save", "", "--enable-debug-command", "yes"]


SUBJECTS = {
    "python": Subject("Python, a file in pieces of 4 KiB that stay", ("/usr/bin/python3",), python),
    "perl": Subject("perl, the same", ("perl",), perl),
    "sqlite": Subject("sqlite3, 300,000 rows in memory", ("sqlite3",), sqlite),
    "redis": Subject("redis, 60,000 values of 4,100 bytes", ("redis-server", "redis-benchmark"), redis),
}


def figures_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the policy and, for it and the default, the prediction, the waste, and {figure: [a value a round]}."""
    policies: dict[str, dict[str, Any]] = {
        name: {"predicted": predicted, "waste_bytes": data["waste_bytes"][name]}
        for name, predicted in data["predicted"].items()}
    for sample in data["samples"]:
        for key in FIGURES:
            policies[sample["policy"]].setdefault(key, []).append(sample[key])
    directives = [line for line in data["policy"] if line and not line.startswith("#")]
    return {"directives": directives, "policies": policies}


def main(words: list[str]) -> int:
    """Tune as the words say; return the exit status."""
    return distribution.main("tune", __doc__ or "", words, SUBJECTS, figures_of)[0]

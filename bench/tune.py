#!/usr/bin/env python3
"""Tune four programs of the distribution, as `tidepool tune` does: what it predicts, and what comes true.

Writes every sample to a JSON file; the project's README has a table of it (make generate). The programs' work is in
bench/tune.
"""

import os
import sys

import each

WORK = os.path.join(each.BENCH, "tune")
BLOB_BYTES = 120000000
FIGURES = ("wall_s", "cpu_s", "hit_share", "peak_rss_bytes")


def blob(folder):
    """Make a file that no two pieces of are alike; return its path."""
    path = os.path.join(folder, "blob")
    with open(path, "wb") as file:
        for _ in range(BLOB_BYTES // 1000000):
            file.write(os.urandom(1000000))
    return path


def python(folder):
    return ["--", "/usr/bin/python3", os.path.join(WORK, "chunks.py"), blob(folder)]


def perl(folder):
    return ["--", "perl", os.path.join(WORK, "chunks.pl"), blob(folder)]


def sqlite(_folder):
    return ["--", "sqlite3", ":memory:", ".read '%s'" % os.path.join(WORK, "rows.sql")]


def redis(_folder):
    port = each.free_port()
    return ["--load", "sh '%s' %d" % (os.path.join(WORK, "values.sh"), port), "--signal", "TERM",
            "--", "redis-server", "--port", str(port), "--save", "", "--enable-debug-command", "yes"]


PROGRAMS = {
    "python": each.Program("Python, a file in pieces of 4 KiB that stay", ("/usr/bin/python3",), python),
    "perl": each.Program("perl, the same", ("perl",), perl),
    "sqlite": each.Program("sqlite3, 300,000 rows in memory", ("sqlite3",), sqlite),
    "redis": each.Program("redis, 60,000 values of 4,100 bytes", ("redis-server", "redis-benchmark"), redis),
}


def figures_of(data):
    """Return the policy and, for it and the default, the prediction, the waste, and {figure: [a value a round]}."""
    policies = {name: {"predicted": predicted, "waste_bytes": data["waste_bytes"][name]}
                for name, predicted in data["predicted"].items()}
    for sample in data["samples"]:
        for key in FIGURES:
            policies[sample["policy"]].setdefault(key, []).append(sample[key])
    directives = [line for line in data["policy"] if line and not line.startswith("#")]
    return {"directives": directives, "policies": policies}


def main():
    options = each.parse("tune", __doc__, PROGRAMS)
    return each.measure_all("tune", PROGRAMS, options, figures_of)


if __name__ == "__main__":
    sys.exit(main())

"""`bench/run compare`: four programs of the distribution, as `tidepool compare` compares them.

They run bare, counted, pooled and under two other allocators. Every sample is written to a JSON file, of which a plot
and a table of bench/README.md are made (make generate). What the programs are given is in bench/compare.
"""

import os
from typing import Any

from harness.commands import distribution
from harness.field import places
from harness.field.peers import JEMALLOC, MIMALLOC, PEER_LIBRARIES, find_shared_library
from harness.measuring.tidepool_command import Subject, free_port
from harness.pages.drawing import draw_elsewhere

GIVEN = os.path.join(places.BENCH, "compare")
OTHERS = (JEMALLOC, MIMALLOC)
FIGURES = ("requests", "backend_requests", "wall_s", "cpu_s", "peak_rss_bytes", "minor_faults")

def arguments(*more: str) -> list[str]:
    """Return the arguments to tidepool compare that all programs have, and those of one."""
    others = [name for name in OTHERS if find_shared_library(PEER_LIBRARIES[name])]
    return ["--with", ",".join(others), *more]


def redis(_folder: str) -> list[str]:
    port = free_port()
    load = ("redis-benchmark -p %d -q -n 150000 -c 20 -P 16 -d 200 -r 20000 "
            "-t set,get,lpush,lpop,sadd,hset,zadd,lrange_100")
    return arguments("--load", load % port, "--ready", str(port),
                     "--", "redis-server", "--port", str(port), "--save", "")


def nginx(folder: str) -> list[str]:
    port = free_port()
    with open(os.path.join(GIVEN, "nginx.conf"), encoding="ascii") as file:
        text = file.read()
    with open(os.path.join(folder, "nginx.conf"), "w", encoding="ascii") as file:
        file.write(text.replace("PORT", str(port)))
    with open(os.path.join(folder, "page.txt"), "w", encoding="ascii") as file:
        file.writelines("line %d of a page, as text goes\n" % (i * i) for i in range(400))
    load = "ab -q -k -c 16 -n 20000 -H 'Accept-Encoding: gzip' http://127.0.0.1:%d/page.txt"
    return arguments("--load", load % port, "--ready", str(port), "--signal", "QUIT",
                     "--", "nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf"))


def python(_folder: str) -> list[str]:
    return arguments("--", "env", "PYTHONMALLOC=malloc", "/usr/bin/python3",
                     os.path.join(GIVEN, "json_rows.py"))


def gxx(_folder: str) -> list[str]:
    return arguments("--", "g++", "-std=gnu++17", "-O2", "-c", "-o", "/dev/null",
                     os.path.join(places.BENCH, "suite", "stl.cpp"))


SUBJECTS = {
    "redis": Subject("redis-server under redis-benchmark, 1.35 million commands",
                     ("redis-server", "redis-benchmark"), redis),
    "nginx": Subject("nginx, 20,000 requests for a page it compresses", ("nginx", "ab"), nginx),
    "python": Subject("python, JSON of 60,000 dicts written and read three times, PYTHONMALLOC=malloc",
                      ("/usr/bin/python3",), python),
    "g++": Subject("g++ -O2 of a file that uses the STL", ("g++",), gxx),
}


def figures_of(data: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of what tidepool compare wrote, {column: {figure: [a value a round]}}."""
    columns: dict[str, dict[str, list[float]]] = {}
    for sample in data["samples"]:
        for key in FIGURES:
            if key in sample:
                columns.setdefault(sample["column"], {}).setdefault(key, []).append(sample[key])
    return {"columns": columns}


def main(words: list[str]) -> int:
    """Compare as the words say; return the exit status."""
    status, path = distribution.main("compare", __doc__ or "", words, SUBJECTS, figures_of)
    return draw_elsewhere(path) or status

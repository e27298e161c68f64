#!/usr/bin/env python3
"""Compare four programs of the distribution, as `tidepool compare` does: bare, counted, pooled, and under two others.

Writes every sample to a JSON file and draws a plot from it; the project's README has a table of it (make generate).
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import field
import measure
import plot

BENCH = os.path.dirname(os.path.abspath(__file__))
OTHERS = (field.JEMALLOC, field.MIMALLOC)
FIGURES = ("requests", "backend_requests", "wall_s", "cpu_s", "peak_rss_bytes", "minor_faults")

PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin"

PYTHON = """
import json
rows = [{"id": i, "name": "item %d" % i, "tags": ["a", "b", str(i)], "price": i / 7} for i in range(60000)]
for _ in range(3):
    rows = json.loads(json.dumps(rows))
"""

NGINX = """
daemon off;
pid nginx.pid;
error_log error.log;
worker_processes 2;
events { worker_connections 256; }
http {
	access_log off;
	gzip on;
	gzip_types text/plain;
	default_type text/plain;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	server { listen 127.0.0.1:%d; root .; }
}
"""


def free_port():
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def redis(_folder):
    port = free_port()
    load = ("redis-benchmark -p %d -q -n 150000 -c 20 -P 16 -d 200 -r 20000 "
            "-t set,get,lpush,lpop,sadd,hset,zadd,lrange_100")
    return ["--load", load % port, "--ready", str(port), "--", "redis-server", "--port", str(port), "--save", ""]


def nginx(folder):
    port = free_port()
    with open(os.path.join(folder, "nginx.conf"), "w") as file:
        file.write(NGINX % port)
    with open(os.path.join(folder, "page.txt"), "w") as file:
        file.writelines("line %d of a page, as text goes\n" % (i * i) for i in range(400))
    load = "ab -q -k -c 16 -n 20000 -H 'Accept-Encoding: gzip' http://127.0.0.1:%d/page.txt"
    return ["--load", load % port, "--ready", str(port), "--signal", "QUIT", "--",
            "nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf")]


def python(_folder):
    return ["--", "env", "PYTHONMALLOC=malloc", "/usr/bin/python3", "-c", PYTHON]


def gxx(_folder):
    return ["--", "g++", "-std=gnu++17", "-O2", "-c", "-o", "/dev/null", os.path.join(BENCH, "suite", "stl.cpp")]


# name: (what it does, its arguments to tidepool compare, in a folder of its own)
PROGRAMS = {
    "redis": ("redis-server under redis-benchmark, 1.35 million commands", redis),
    "nginx": ("nginx, 20,000 requests for a page it compresses", nginx),
    "python": ("python, JSON of 60,000 dicts written and read three times, PYTHONMALLOC=malloc", python),
    "g++": ("g++ -O2 of a file that uses the STL", gxx),
}
NEEDS = {"redis": ("redis-server", "redis-benchmark"), "nginx": ("nginx", "ab"), "python": ("/usr/bin/python3",),
         "g++": ("g++",)}


def missing(name):
    """Return a command that a program needs and that is not installed, or None."""
    return next((command for command in NEEDS[name] if not shutil.which(command, path=PATH)), None)


def run(name, rounds, build, others):
    """Return {column: {figure: [a value a round]}} of one program; raise subprocess.CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # a server may give up its rights
        path = os.path.join(folder, "compare.json")
        subprocess.run([os.path.join(os.path.dirname(BENCH), "scripts", "tidepool"), "compare", "--library",
                        os.path.join(build, "libtidepool.so"), "--rounds", str(rounds), "--with", ",".join(others),
                        "--json", path, *PROGRAMS[name][1](folder)],
                       check=True, env={**os.environ, "PATH": PATH}, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        with open(path) as file:
            data = json.load(file)
    columns = {}
    for sample in data["samples"]:
        for key in FIGURES:
            if key in sample:
                columns.setdefault(sample["column"], {}).setdefault(key, []).append(sample[key])
    return columns


def parse():
    parser = argparse.ArgumentParser(prog="bench/compare.py", description=__doc__, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="rounds, 1 to 99 (default 7)")
    parser.add_argument("--only", metavar="NAME", choices=PROGRAMS, help="one of %s" % ", ".join(PROGRAMS))
    parser.add_argument("--build", metavar="FOLDER", default=os.path.join(os.path.dirname(BENCH), "build"),
                        help="where the library was built (default build)")
    parser.add_argument("--json", metavar="FILE", help="where every sample goes, and the plot beside it (default "
                        "bench/results/compare.json, part-compare.json with --only)")
    options = parser.parse_args()
    if not options.json:
        name = "part-compare.json" if options.only else "compare.json"
        options.json = os.path.join(BENCH, "results", name)
    if not 1 <= options.rounds <= 99:
        parser.error("--rounds out of range")
    if os.path.isdir(options.json) or not os.access(os.path.dirname(os.path.abspath(options.json)), os.W_OK):
        parser.error("cannot write %s" % options.json)
    return options


def main():
    options = parse()
    data = {"started": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "rounds": options.rounds, **measure.machine(),
            "compared": []}
    others = [name for name in OTHERS if field.find_shared_library(name)]
    failed = False
    for name in [options.only] if options.only else PROGRAMS:
        lacking = missing(name)
        if lacking:
            sys.stderr.write("note: %s is left out: no %s installed\n" % (name, lacking))
            continue
        sys.stderr.write("%s\n" % PROGRAMS[name][0])
        try:
            columns = run(name, options.rounds, os.path.abspath(options.build), others)
        except subprocess.CalledProcessError as error:
            sys.stderr.write("bench/compare.py: %s: tidepool compare ended with %d\n" % (name, error.returncode))
            failed = True
            continue
        data["compared"].append({"name": name, "what": PROGRAMS[name][0], "columns": columns})
    if not data["compared"]:
        return 1
    with open(options.json, "w") as file:
        json.dump(data, file, indent=1)
        file.write("\n")
    print("figures: %s" % os.path.relpath(options.json))
    return plot.draw_elsewhere(options.json) or int(failed)


if __name__ == "__main__":
    sys.exit(main())

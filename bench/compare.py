#!/usr/bin/env python3
"""Compare four programs of the distribution, as `tidepool compare` does: bare, counted, pooled, and under two others.

Writes every sample to a JSON file and draws a plot from it; the project's README has a table of it (make generate).
"""

import os
import sys

import each
import field
import plot

OTHERS = (field.JEMALLOC, field.MIMALLOC)
FIGURES = ("requests", "backend_requests", "wall_s", "cpu_s", "peak_rss_bytes", "minor_faults")

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


def arguments(*more):
    """Return the arguments to tidepool compare that all programs have, and those of one."""
    others = [name for name in OTHERS if field.find_shared_library(field.PEER_LIBRARIES[name])]
    return ["--with", ",".join(others), *more]


def redis(_folder):
    port = each.free_port()
    load = ("redis-benchmark -p %d -q -n 150000 -c 20 -P 16 -d 200 -r 20000 "
            "-t set,get,lpush,lpop,sadd,hset,zadd,lrange_100")
    return arguments("--load", load % port, "--ready", str(port),
                     "--", "redis-server", "--port", str(port), "--save", "")


def nginx(folder):
    port = each.free_port()
    with open(os.path.join(folder, "nginx.conf"), "w") as file:
        file.write(NGINX % port)
    with open(os.path.join(folder, "page.txt"), "w") as file:
        file.writelines("line %d of a page, as text goes\n" % (i * i) for i in range(400))
    load = "ab -q -k -c 16 -n 20000 -H 'Accept-Encoding: gzip' http://127.0.0.1:%d/page.txt"
    return arguments("--load", load % port, "--ready", str(port), "--signal", "QUIT",
                     "--", "nginx", "-p", folder, "-c", os.path.join(folder, "nginx.conf"))


def python(_folder):
    return arguments("--", "env", "PYTHONMALLOC=malloc", "/usr/bin/python3", "-c", PYTHON)


def gxx(_folder):
    return arguments("--", "g++", "-std=gnu++17", "-O2", "-c", "-o", "/dev/null",
                     os.path.join(each.BENCH, "suite", "stl.cpp"))


PROGRAMS = {
    "redis": each.Program("redis-server under redis-benchmark, 1.35 million commands",
                          ("redis-server", "redis-benchmark"), redis),
    "nginx": each.Program("nginx, 20,000 requests for a page it compresses", ("nginx", "ab"), nginx),
    "python": each.Program("python, JSON of 60,000 dicts written and read three times, PYTHONMALLOC=malloc",
                           ("/usr/bin/python3",), python),
    "g++": each.Program("g++ -O2 of a file that uses the STL", ("g++",), gxx),
}


def figures_of(data):
    """Return the columns of what tidepool compare wrote, {column: {figure: [a value a round]}}."""
    columns = {}
    for sample in data["samples"]:
        for key in FIGURES:
            if key in sample:
                columns.setdefault(sample["column"], {}).setdefault(key, []).append(sample[key])
    return {"columns": columns}


def main():
    options = each.parse("compare", __doc__, PROGRAMS)
    status = each.measure_all("compare", PROGRAMS, options, figures_of)
    return plot.draw_elsewhere(options.json) or status


if __name__ == "__main__":
    sys.exit(main())

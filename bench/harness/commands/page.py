"""`bench/run page`: what `tidepool report` makes of a redis under load, as a picture."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

from harness.commands.arguments import Parser
from harness.field import places
from harness.measuring.tidepool_command import free_port

PICTURE = os.path.join(places.RESULTS, "report-redis.png")
START_S = 10
END_S = 10
LIMIT_S = 120  # for each of the other steps
LOAD = "-q -n 300000 -c 20 -P 16 -d 200 -r 20000 -t set,lpush,lpop,sadd,hset,lrange_100".split()


def step(folder: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder; raise subprocess.SubprocessError if it fails."""
    return subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
                          timeout=LIMIT_S)


def answers(port: int) -> bool:
    """Return whether the server does."""
    asked = subprocess.run(["redis-cli", "-p", str(port), "ping"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() == "PONG"


@contextlib.contextmanager
def server(folder: str, build: str, port: int) -> Iterator[None]:
    """Have a redis-server run in the folder; it writes redis.json there, and has ended after this."""
    words = [places.TIDEPOOL_COMMAND, "run", "--stats", "json", "--stats-file", "redis.json",
             "--stats-interval", "500ms", "--library", places.library(build), "--",
             "redis-server", "--port", str(port), "--save", ""]
    with subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + START_S
            while not answers(port):
                if time.monotonic() > deadline or process.poll() is not None:
                    raise subprocess.SubprocessError("redis-server does not start")
                time.sleep(0.1)
            yield
            subprocess.run(["redis-cli", "-p", str(port), "shutdown", "nosave"], capture_output=True, check=False)
            process.wait(END_S)
        finally:
            if process.poll() is None:
                process.kill()


def main(words: list[str]) -> int:
    """Make the picture; return the exit status."""
    parser = Parser("bench/run page", "Make the picture bench/results/report-redis.png of a report.")
    parser.add_build()
    options = parser.parse_args(words)
    try:
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            with server(folder, options.build, port):
                step(folder, "redis-benchmark", "-p", str(port), *LOAD)
                time.sleep(2)  # what nobody wants goes back
            step(folder, places.TIDEPOOL_COMMAND, "report", "redis.json", "-o", "page.html")
            step(folder, "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                 "--window-size=1000,1500", "--screenshot=%s" % PICTURE, "file://%s/page.html" % folder)
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or ""
        sys.stderr.write("bench/run page: %s\n%s" % (error, said))
        return 1
    print("picture: %s" % os.path.relpath(PICTURE))
    return 0

"""One run of a command under the library: its statistics, time and memory.

The statistics of all its processes are taken, each from a file of its own; of a process that wrote several, the
last. What the environment sets for the library does not count: every run has the library's defaults and what the
caller asks for. Standard output goes nowhere, standard error where ours goes; standard input is ours from its
beginning where it is a file, else nothing.
"""

import json
import os
import signal
import subprocess
import tempfile
import time

from .classes import LARGEST_BYTES
from .launch import Usage, await_end, end, reap, rewound_input, run_shell
from .library import CANNOT_RUN, Failure, NOT_FOUND, OWN_FAILURE, PREFIX, own_environment, preload

STOP_S = 15  # what a server gets to end in before it is killed


class Plan:
    """What to run, and how to end it.

    words: the command; load: a shell command to run against it, or None; signal_name: what stops it; after_s: when
    to send that, or with a load, when to begin it; None: the command ends by itself.
    """

    def __init__(self, library, words, load=None, signal_name="TERM", after_s=None):
        self.library, self.words, self.load = library, words, load
        self.signal_name, self.after_s = signal_name, after_s
        self.stops = load is not None or after_s is not None

    def signal_number(self):
        return getattr(signal, "SIG" + self.signal_name)


class Result:
    """What one run left: exit status, dumps (one a process), wall and CPU seconds."""

    def __init__(self, status, dumps, wall_s, cpu_s):
        self.status, self.dumps, self.wall_s, self.cpu_s = status, dumps, wall_s, cpu_s

    def busy_dumps(self):
        """Those of the processes that had a request."""
        return [dump for dump in self.dumps if dump["totals"]["gets"] + dump["large"]["gets"] > 0]

    def gets(self):
        """Requests up to the largest class."""
        return sum(dump["totals"]["gets"] for dump in self.dumps)

    def hit_share(self):
        """Of those, the share that the pools served."""
        return sum(sum(dump["totals"]["hits"].values()) for dump in self.dumps) / max(self.gets(), 1)

    def peak_bytes(self):
        """Peak memory of the process that had most."""
        return max(dump["peak_rss_bytes"] for dump in self.dumps)

    def waste_bytes(self):
        """Bytes of the objects that the library says it chose, less the bytes asked for; None without a histogram."""
        if not all("histogram" in dump for dump in self.dumps):
            return None
        given = sum(row["size"] * row["gets"] for dump in self.dumps for row in dump["classes"])
        asked = sum(size * gets for dump in self.dumps for size, gets in dump["histogram"]["sizes"]
                    if size <= LARGEST_BYTES)
        return given - asked


def environment_for(plan, folder, settings):
    """The environment of one run."""
    environment = {name: value for name, value in own_environment().items() if not name.startswith(PREFIX)}
    settings = {"STATS": "json", "STATS_FILE": folder.replace("%", "%%") + "/%p.json", **settings}
    if plan.stops:
        settings["STATS_SIGNAL"] = plan.signal_name
    environment.update({PREFIX + name: value for name, value in settings.items()})
    preload(environment, plan.library.path)
    return environment


def start(words, environment):
    """Start the command; Failure where it cannot be."""
    try:
        return subprocess.Popen(words, env=environment, stdin=rewound_input(), stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        raise Failure(f"{words[0]}: command not found", NOT_FOUND) from None
    except OSError as error:
        raise Failure(f"{words[0]}: {error.strerror}", CANNOT_RUN) from None


def run_until_stopped(plan, process, after_s, usage):
    """Let the command run, with its load, stop and reap it. Returns (status, seconds of the load or None)."""
    if await_end(process.pid, after_s):
        process.returncode = reap(process.pid, usage)
        if plan.load:
            raise Failure(f"{plan.words[0]}: ended with status {process.returncode} before the load began", OWN_FAILURE)
        return process.returncode, None
    load_s = None
    if plan.load:
        began = time.monotonic()
        load_status = run_shell(plan.load, None, subprocess.DEVNULL, None)
        load_s = time.monotonic() - began
    os.kill(process.pid, plan.signal_number())  # Popen would reap one that ended under its load
    if not await_end(process.pid, STOP_S):
        os.kill(process.pid, signal.SIGKILL)
        raise Failure(f"{plan.words[0]}: did not end within {STOP_S} s of SIG{plan.signal_name}", OWN_FAILURE)
    process.returncode = reap(process.pid, usage)
    if plan.load and load_status:
        raise Failure(f"{plan.load}: ended with status {load_status}", OWN_FAILURE)
    return (0 if process.returncode == -plan.signal_number() else process.returncode), load_s


def read_dumps(folder):
    """The last dump of each process."""
    dumps = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lines = [line for line in file if line.endswith("}\n")]
        if lines:
            dumps.append(json.loads(lines[-1]))
    return dumps


def run(plan, **settings):
    """Run the command once with these settings (MODE="count"). Returns a Result.

    The wall time is that of the load where there is one: a server's own is that of its clients.
    """
    with tempfile.TemporaryDirectory(prefix="tidepool-tune.", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o1777)  # a server's workers may have given up their rights
        began, usage = time.monotonic(), Usage()
        process = start(plan.words, environment_for(plan, folder, settings))
        try:
            if plan.stops:
                status, wall_s = run_until_stopped(plan, process, 1 if plan.after_s is None else plan.after_s, usage)
            else:
                await_end(process.pid)
                status, wall_s = reap(process.pid, usage), None
                process.returncode = status
        finally:
            if process.returncode is None:
                end(process.pid, plan.signal_number())
                process.wait()
        wall_s = time.monotonic() - began if wall_s is None else wall_s
        dumps = read_dumps(folder)
    if not dumps:
        raise Failure(f"{plan.words[0]}: left no statistics: static, setuid or ended by a signal?", OWN_FAILURE)
    return Result(status, dumps, wall_s, usage.figures["cpu_s"])

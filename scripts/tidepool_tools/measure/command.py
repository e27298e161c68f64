"""One run of a command, for all who measure: started, loaded if it is a server, waited for with all its children."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from ..base import interrupts
from ..base.failure import CANNOT_RUN, Failure, NOT_FOUND
from .process import Usage, await_end, end, has_ended, reap, run_shell, status_words, wait_for_stragglers, POLL_S

PR_SET_CHILD_SUBREAPER = 36
READY_WAIT_S = 30
STOP_WAIT_S = 30  # what a server gets to end in by its signal

# The peak memory the kernel reports of a process begins with that of the one it was forked from, and ours is
# Python's. So a small shell forks it, as a background job, which would lose its standard input and its interrupts.
# It waits at a gate until that shell has ended: the shell would reap it, where it is ours to wait for and measure.
# The gate is a FIFO that we hold open both ways: nobody hangs at it whoever is killed, and with us it ends unopened.
# An interrupt comes to all of them: it is for the command, which begins with it, and does not stop the shell halfway.
LAUNCHER = 'trap "" INT QUIT; { { read -r _ <"$0.gate" || exit; exec "$@"; } <&3 3<&- & echo $! >"$0"; } 3<&0'
LAUNCHED = ["env", "--default-signal=INT,QUIT"]

Stream = IO[bytes] | int | None


class RunFailure(Exception):
    """A run that could not be measured; the text says why, in one line."""


@dataclass(frozen=True)
class Service:
    """How a command is treated that does not end by itself.

    load: a line of shell that is run against it; port: what to wait for before, or else after_s: how long; without a
    load it is stopped then. is_lasting: to end under the load is a failure.
    """
    signal_number: int
    load: str | None = None
    port: int | None = None
    after_s: float = 0
    is_lasting: bool = False


@dataclass(frozen=True)
class Run:
    """What a run gave: figures is wall_s and the Usage; is_left: something of it still runs."""
    status: int
    figures: dict[str, float]
    is_left: bool


def check_startable(word: str, environment: dict[str, str]) -> None:
    """Failure, with a shell's exit status, where a command cannot be started."""
    search = environment.get("PATH", os.defpath)
    if shutil.which(word, path=search):
        return
    if shutil.which(word, os.F_OK, path=search):
        raise Failure(f"{word}: Permission denied", CANNOT_RUN)
    raise Failure(f"{word}: command not found", NOT_FOUND)


def rewound_input() -> int | None:
    """Standard input, back at its beginning, where that is a file; else nothing, as it can be read only once."""
    try:
        os.lseek(0, 0, os.SEEK_SET)
        return None
    except OSError:
        return subprocess.DEVNULL


class Command:
    """What is run: its words, its environment, a folder for our own files, and the Service that it is, if it is one."""

    def __init__(self, words: list[str], environment: dict[str, str], folder: str, service: Service | None) -> None:
        self.words, self.environment, self.folder, self.service = words, environment, folder, service
        self.starts = 0
        self.gate: int | None = None
        # Processes whose parent has ended become our children, so that they are waited for and measured.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def start(self, assignments: dict[str, str], stdout: Stream, stderr: Stream, prefix: Sequence[str]) -> int:
        """Start it with further variables, under the words `prefix`. Returns its process id."""
        self.starts += 1
        pid_file = os.path.join(self.folder, f"pid.{self.starts}")
        os.mkfifo(pid_file + ".gate")
        if self.gate is not None:
            os.close(self.gate)
        self.gate = os.open(pid_file + ".gate", os.O_RDWR)
        settings = [f"{name}={value}" for name, value in assignments.items()]
        launcher = subprocess.Popen(
            ["/bin/sh", "-c", LAUNCHER, pid_file, *LAUNCHED, *settings, *prefix, *self.words],
            env=self.environment, stdin=rewound_input(), stdout=stdout, stderr=stderr)
        try:
            if launcher.wait() != 0:
                raise ValueError
            with open(pid_file, encoding="ascii") as file:
                pid = int(file.read())
        except (OSError, ValueError):
            raise RunFailure("it could not be started") from None
        os.write(self.gate, b"\n")
        return pid

    def run(self, assignments: dict[str, str], stdout: Stream, stderr: Stream, prefix: Sequence[str] = ()) -> Run:
        """Run it once. Of a server with a load the time is the load's; to end by the signal sent is no failure."""
        usage, service = Usage(), self.service
        if service and service.port is not None and answers(service.port):
            raise RunFailure(f"port {service.port} is taken already")
        pid = self.start(assignments, stdout, stderr, prefix)
        started, load_s = time.monotonic(), None
        try:
            if service:
                load_s = serve(pid, service, self.environment, stdout, stderr)
            else:
                await_end(pid)
        except (KeyboardInterrupt, RunFailure):
            end(pid, service.signal_number if service else signal.SIGTERM)
            reap(pid, usage)
            raise
        status = reap(pid, usage)
        seconds = time.monotonic() - started if load_s is None else load_s
        if service and status == -service.signal_number:
            status = 0
        is_left = wait_for_stragglers(usage)
        return Run(status, {"wall_s": seconds, **usage.figures}, is_left)


def answers(port: int) -> bool:
    """Whether something listens on the port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def await_port(pid: int, port: int) -> None:
    """Wait until the server `pid` listens; RunFailure where it ends or takes too long."""
    deadline = time.monotonic() + READY_WAIT_S
    while not answers(port):
        if has_ended(pid):
            raise RunFailure(f"the server ended before it listened on port {port}")
        if time.monotonic() > deadline:
            raise RunFailure(f"the server did not listen on port {port} within {READY_WAIT_S} s")
        with interrupts.heard():
            time.sleep(POLL_S)


def serve(pid: int, service: Service, environment: dict[str, str], stdout: Stream, stderr: Stream) -> float | None:
    """Load the server `pid` and stop it; it is still to be reaped. Returns the seconds that the load took, if any."""
    load_s = None
    if service.port is not None:
        await_port(pid, service.port)
    elif await_end(pid, service.after_s):
        if service.load:
            raise RunFailure("it ended before the load began")
        return None
    if service.load:
        started = time.monotonic()
        status = run_shell(service.load, environment, stdout, stderr)
        load_s = time.monotonic() - started
        if service.is_lasting and has_ended(pid):
            raise RunFailure("the server ended under the load")
        if status != 0:
            raise RunFailure(f"the load ended with {status_words(status)}")
    os.kill(pid, service.signal_number)
    if not await_end(pid, STOP_WAIT_S):
        raise RunFailure(f"it did not end within {STOP_WAIT_S} s of {signal.Signals(service.signal_number).name}")
    return load_s

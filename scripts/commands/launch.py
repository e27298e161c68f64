"""One run of a command for `tidepool compare`: started, waited for with all its children, and measured."""

import ctypes
import os
import signal
import socket
import subprocess
import time

from . import interrupts

PR_SET_CHILD_SUBREAPER = 36
READY_WAIT_S = 30
STRAGGLERS_WAIT_S = 5
END_WAIT_S = 5  # what a command gets to end in when we are interrupted, before it is killed
POLL_S = 0.01

# The peak memory the kernel reports of a process begins with that of the one it was forked from, and ours is
# Python's. So a small shell forks it, as a background job, which would lose its standard input and its interrupts.
# It waits at a gate until that shell has ended: the shell would reap it, where it is ours to wait for and measure.
# The gate is a FIFO that we hold open both ways: nobody hangs at it whoever is killed, and with us it ends unopened.
# An interrupt comes to all of them: it is for the command, which begins with it, and does not stop the shell halfway.
LAUNCHER = 'trap "" INT QUIT; { { read -r _ <"$0.gate" || exit; exec "$@"; } <&3 3<&- & echo $! >"$0"; } 3<&0'
LAUNCHED = ["env", "--default-signal=INT,QUIT"]

USAGE_FIELDS = {
    "user_s": "ru_utime", "system_s": "ru_stime", "minor_faults": "ru_minflt", "major_faults": "ru_majflt",
    "voluntary_switches": "ru_nvcsw", "involuntary_switches": "ru_nivcsw",
}


class LaunchFailure(Exception):
    """A run that could not be measured; the text says why, in one line."""


def adopt_orphans():
    """Have processes whose parent has ended become our children, so that they are waited for and measured."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def status_words(status):
    """An exit status as os.waitstatus_to_exitcode gives it, in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


class Command:
    """What is run: its words, its environment, a folder for our own files, and the Load where it is a server."""

    def __init__(self, words, environment, folder, load=None):
        self.words, self.environment, self.folder, self.load = words, environment, folder, load
        self.starts, self.gate = 0, None

    def start(self, assignments, stdout, stderr, prefix=()):
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
        if launcher.wait() != 0:
            raise LaunchFailure("it could not be started")
        try:
            with open(pid_file, encoding="ascii") as file:
                pid = int(file.read())
        except (OSError, ValueError):
            raise LaunchFailure("it could not be started") from None
        os.write(self.gate, b"\n")
        return pid


def rewound_input():
    """Standard input, back at its beginning, where that is a file; else nothing, as it can be read only once."""
    try:
        os.lseek(0, 0, os.SEEK_SET)
        return None
    except OSError:
        return subprocess.DEVNULL


class Usage:
    """What processes used: sums, and the largest peak of one."""

    def __init__(self):
        self.figures = dict.fromkeys([*USAGE_FIELDS, "cpu_s", "peak_rss_bytes"], 0)

    def add(self, usage):
        for name, source in USAGE_FIELDS.items():
            self.figures[name] += getattr(usage, source)
        self.figures["cpu_s"] += usage.ru_utime + usage.ru_stime
        self.figures["peak_rss_bytes"] = max(self.figures["peak_rss_bytes"], usage.ru_maxrss * 1024)


def has_ended(pid):
    """Whether a child has ended; it is still to be reaped."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def await_end(pid, limit_s=None):
    """Wait until a child has ended, for so long at most; it is still to be reaped. Returns whether it has."""
    with interrupts.heard():
        if limit_s is None:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            return True
        deadline = time.monotonic() + limit_s
        while not has_ended(pid) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        return has_ended(pid)


def end(pid, signal_number):
    """End a child by a signal, or if that does not, kill it; it is still to be reaped."""
    os.kill(pid, signal_number)
    try:
        await_end(pid, END_WAIT_S)
    finally:
        os.kill(pid, signal.SIGKILL)  # which is nothing to one that has ended


def reap(pid, usage):
    """Reap a child and add what it and its own children used. Returns its exit status, negative for a signal."""
    _, status, used = os.wait4(pid, 0)
    usage.add(used)
    return os.waitstatus_to_exitcode(status)


def wait_for_stragglers(usage):
    """Wait a little for what the command left running, and add it. Returns whether something still runs."""
    deadline = time.monotonic() + STRAGGLERS_WAIT_S
    while time.monotonic() < deadline:
        try:
            pid, _, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid:
            usage.add(used)
        else:
            with interrupts.heard():
                time.sleep(POLL_S)
    return True


def answers(port):
    """Whether something listens on the port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def await_port(pid, port):
    """Wait until the server `pid` listens; LaunchFailure where it ends or takes too long."""
    deadline = time.monotonic() + READY_WAIT_S
    while not answers(port):
        if has_ended(pid):
            raise LaunchFailure(f"the server ended before it listened on port {port}")
        if time.monotonic() > deadline:
            raise LaunchFailure(f"the server did not listen on port {port} within {READY_WAIT_S} s")
        with interrupts.heard():
            time.sleep(POLL_S)


def run_shell(line, environment, stdout, stderr):
    """Run a line of shell without input. Returns its exit status."""
    process = subprocess.Popen(["/bin/sh", "-c", line], env=environment, stdin=subprocess.DEVNULL, stdout=stdout,
                               stderr=stderr)
    try:
        await_end(process.pid)
    except KeyboardInterrupt:
        process.kill()
        raise
    finally:
        process.wait()
    return process.returncode


def run_load(pid, load, environment, stdout, stderr):
    """Run the load, a line of shell, against the server `pid`. Returns the seconds it took."""
    if load.port is not None:
        await_port(pid, load.port)
    started = time.monotonic()
    status = run_shell(load.command, environment, stdout, stderr)
    seconds = time.monotonic() - started
    if has_ended(pid):
        raise LaunchFailure("the server ended under the load")
    if status != 0:
        raise LaunchFailure(f"the load ended with {status_words(status)}")
    return seconds


class Load:
    """What is run against a server: a line of shell, the port to wait for or None, the signal that ends the server."""

    def __init__(self, command, port, signal_number):
        self.command, self.port, self.signal_number = command, port, signal_number


def run(command, assignments, stdout, stderr, prefix=()):
    """Run the command once. Returns (exit status, figures, whether something of it still runs); LaunchFailure.

    With a load, the command is a server: the time is the load's, and to end by the signal sent is no failure.
    """
    usage, load = Usage(), command.load
    if load and load.port is not None and answers(load.port):
        raise LaunchFailure(f"port {load.port} is taken already")
    pid = command.start(assignments, stdout, stderr, prefix)
    started = time.monotonic()
    try:
        if load:
            load_s = run_load(pid, load, command.environment, stdout, stderr)
            os.kill(pid, load.signal_number)
        await_end(pid)
    except (KeyboardInterrupt, LaunchFailure):
        end(pid, load.signal_number if load else signal.SIGTERM)
        reap(pid, usage)
        raise
    status = reap(pid, usage)
    seconds = load_s if load else time.monotonic() - started
    if load and status == -load.signal_number:
        status = 0
    left = wait_for_stragglers(usage)
    return status, {"wall_s": seconds, **usage.figures}, left

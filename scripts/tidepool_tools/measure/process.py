"""Children: waited for, with a limit if need be, ended and reaped once, and what they used."""

import os
import signal
import subprocess
import time
from typing import Any

from ..base import interrupts
from ..base.failure import not_started

END_WAIT_S = 5  # what a command gets to end in when we are interrupted, before it is killed
STRAGGLERS_WAIT_S = 5
POLL_S = 0.01
TERMINAL = (signal.SIGINT, signal.SIGQUIT)  # what the terminal sends to all who run on it

USAGE_FIELDS = {
    "user_s": "ru_utime", "system_s": "ru_stime", "minor_faults": "ru_minflt", "major_faults": "ru_majflt",
    "voluntary_switches": "ru_nvcsw", "involuntary_switches": "ru_nivcsw",
}


class Usage:
    """What processes used: sums, and the largest peak of one."""

    def __init__(self) -> None:
        self.figures: dict[str, float] = dict.fromkeys([*USAGE_FIELDS, "cpu_s", "peak_rss_bytes"], 0)

    def add(self, usage: Any) -> None:
        for name, source in USAGE_FIELDS.items():
            self.figures[name] += getattr(usage, source)
        self.figures["cpu_s"] += usage.ru_utime + usage.ru_stime
        self.figures["peak_rss_bytes"] = max(self.figures["peak_rss_bytes"], usage.ru_maxrss * 1024)


def status_words(status: int) -> str:
    """An exit status as os.waitstatus_to_exitcode gives it, in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def shell_status(status: int) -> int:
    """The same as a shell has it: 128 and the number of the signal."""
    return status if status >= 0 else 128 - status


def has_ended(pid: int) -> bool:
    """Whether a child has ended; it is still to be reaped."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def await_end(pid: int, limit_s: float | None = None) -> bool:
    """Wait until a child has ended, for so long at most; it is still to be reaped. Returns whether it has."""
    with interrupts.heard():
        if limit_s is None:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            return True
        deadline = time.monotonic() + limit_s
        while not has_ended(pid) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        return has_ended(pid)


def end(pid: int, signal_number: int) -> None:
    """End a child by a signal, or if that does not, kill it; it is still to be reaped."""
    os.kill(pid, signal_number)
    try:
        await_end(pid, END_WAIT_S)
    finally:
        os.kill(pid, signal.SIGKILL)  # which is nothing to one that has ended


def reap(pid: int, usage: Usage) -> int:
    """Reap a child and add what it and its own children used. Returns its exit status, negative for a signal."""
    _, status, used = os.wait4(pid, 0)
    usage.add(used)
    return os.waitstatus_to_exitcode(status)


def wait_for_stragglers(usage: Usage) -> bool:
    """Wait a little for what a command left running, and add it. Returns whether something still runs."""
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


def run_shell(line: str, environment: dict[str, str], stdout: Any, stderr: Any) -> int:
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


def run_here(words: list[str], environment: dict[str, str]) -> int:
    """Run a command to its end on our terminal, whose signals are its business. Returns its exit status as a shell."""
    given = {number: signal.signal(number, signal.SIG_IGN) for number in TERMINAL}

    def restore_signals() -> None:
        for number, handler in given.items():
            signal.signal(number, handler)

    try:
        return shell_status(subprocess.Popen(words, env=environment, preexec_fn=restore_signals).wait())
    except OSError as error:
        raise not_started(words[0], error) from None

"""A command, run to its end in a session of its own and under a limit."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence

TIMEOUT_S = 120


class Failure(Exception):
    """A program did not end well; the text says how, in one line."""


def describe_status(status: int) -> str:
    """Return how a program ended, in words, by its exit status as subprocess has it."""
    if status < 0:
        try:
            return "crashed with %s" % signal.Signals(-status).name
        except ValueError:
            return "crashed with signal %d" % -status
    return "failed with exit status %d" % status


def run_to_end(argv: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a command; return its output. Failure says how it ended otherwise."""
    timed_out = threading.Event()
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=errors, start_new_session=True)
        assert child.stdout is not None

        def kill() -> None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

        def stop() -> None:
            timed_out.set()
            kill()

        timer = threading.Timer(TIMEOUT_S, stop)
        timer.start()
        try:
            output = child.stdout.read().decode(errors="replace")
            child.wait()
        except BaseException:  # Ctrl-C: leave no program behind
            kill()
            child.wait()
            raise
        finally:
            timer.cancel()
            child.stdout.close()
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip().splitlines()
    if timed_out.is_set():
        raise Failure("did not end within %d s" % TIMEOUT_S)
    if child.returncode != 0:
        raise Failure(describe_status(child.returncode) + (": " + said[-1] if said else ""))
    return output

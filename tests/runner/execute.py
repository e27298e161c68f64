"""Running one command: in a process group and a temporary directory of its own, and what it leaves is ended."""

import os
import shutil
import signal
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("BUILD", "build")
TEMPORARY = tempfile.gettempdir() if len(tempfile.gettempdir()) < 40 else "/tmp"  # a socket's path must be short
TAIL_LINES = 40


def path(*parts):
    """The path of a file of the checkout."""
    return os.path.join(ROOT, *parts)


def status_name(status):
    """An exit status as people read it."""
    return f"signal {-status}" if status < 0 else str(status)


def tail(text):
    """The last lines of a text."""
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    return lines[-TAIL_LINES:]


class Finished:
    """A process that has ended: its status, or None where its time ran out, and its output."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


def clean_environment():
    """The caller's environment without what would steer the library, its neighbours or a make within."""
    foreign = ("TIDEPOOL_", "LD_PRELOAD", "MALLOC_", "GLIBC_TUNABLES", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    return {key: value for key, value in os.environ.items() if not key.startswith(foreign)}


def execute(argv, env, timeout):
    """Runs argv for at most @timeout seconds. Returns how it ended."""
    directory = tempfile.mkdtemp(prefix="tidepool-test.", dir=TEMPORARY)
    os.chmod(directory, 0o755)
    try:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                argv,
                cwd=ROOT,
                env={**env, "TMPDIR": directory},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                status = None
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # the usual case: nothing was left running
            process.wait()
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "replace"))
            return Finished(status, *texts)
    finally:
        shutil.rmtree(directory, ignore_errors=True)



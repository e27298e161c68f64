"""Where results go: a file, or standard output, which may be closed, full or left by its reader."""

import contextlib
import errno
import io
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, TextIO

from .failure import Failure, OWN_FAILURE

STDOUT = 1


class Output(io.TextIOBase):
    """Standard output. What cannot be written is a Failure: without a word where the reader has left, as of SIGPIPE."""

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream  # None: it was closed
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        if not self.stream:
            raise Failure(f"standard output: {os.strerror(errno.EBADF)}", OWN_FAILURE)
        self.attempt(self.stream.write, text)
        return len(text)

    def flush(self) -> None:
        if self.stream:
            self.attempt(self.stream.flush)

    @staticmethod
    def attempt(act: Callable[..., Any], *arguments: str) -> None:
        """Do what may fail; what then is left of the text goes nowhere, or Python would complain of it at the end."""
        try:
            act(*arguments)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
            if isinstance(error, BrokenPipeError):
                raise Failure("", 128 + signal.SIGPIPE) from None
            raise Failure(f"standard output: {error.strerror}", OWN_FAILURE) from None


def check(path: str) -> None:
    """Failure where a file cannot be written there, before long work is done for it."""
    folder = os.path.dirname(path) or "."
    if path == "-":
        return
    if os.path.isdir(path):
        error = errno.EISDIR
    elif not os.path.isdir(folder):
        error = errno.ENOENT
    elif not os.access(path if os.path.exists(path) else folder, os.W_OK):
        error = errno.EACCES
    else:
        return
    raise Failure(f"{path}: {os.strerror(error)}", OWN_FAILURE)


def write(text: str, path: str) -> None:
    """Write a text to a file, or to standard output where that is called -; Failure if it cannot be."""
    if path == "-":
        print(text, end="", flush=True)
        return
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}", OWN_FAILURE) from None


def replace(text: str, path: str) -> None:
    """Write a file so that a reader finds the old one or the new one, as write() else."""
    temporary = f"{path}.{os.getpid()}"
    try:
        write(text, temporary)
        os.replace(temporary, path)
    except (Failure, OSError) as error:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        reason = error.strerror if isinstance(error, OSError) else str(error).rpartition(": ")[2]
        raise Failure(f"{path}: {reason}", OWN_FAILURE) from None


def complain(line: object) -> None:
    """Say on standard error what is wrong."""
    print(f"tidepool: {line}", file=sys.stderr)

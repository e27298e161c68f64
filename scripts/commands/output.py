"""Where results go: a file, or standard output, which may be closed, full or left by its reader."""

import errno
import io
import os
import signal

from .library import Failure, OWN_FAILURE

STDOUT = 1


class Output(io.TextIOBase):
    """Standard output. What cannot be written is a Failure: without a word where the reader has left, as of SIGPIPE."""

    def __init__(self, stream):
        self.stream = stream  # None: it was closed
        if stream:
            stream.reconfigure(errors="backslashreplace")

    def write(self, text):
        if not self.stream:
            raise Failure(f"standard output: {os.strerror(errno.EBADF)}", OWN_FAILURE)
        return self.attempt(self.stream.write, text)

    def flush(self):
        if self.stream:
            self.attempt(self.stream.flush)

    def attempt(self, act, *arguments):
        """Do what may fail; what then is left of the text goes nowhere, or Python would complain of it at the end."""
        try:
            return act(*arguments)
        except OSError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
            if isinstance(error, BrokenPipeError):
                raise Failure("", 128 + signal.SIGPIPE) from None
            raise Failure(f"standard output: {error.strerror}", OWN_FAILURE) from None


def check(path):
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


def write(text, path):
    """Write a text to a file, or to standard output where that is called -; Failure if it cannot be."""
    if path == "-":
        print(text, end="", flush=True)
        return
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}", OWN_FAILURE) from None

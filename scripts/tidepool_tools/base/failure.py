"""Why a command stops: one line for people, and an exit status."""

import importlib.util

WRONG_USAGE = 2
OWN_FAILURE = 125  # these three are those of env, nice and timeout
CANNOT_RUN = 126
NOT_FOUND = 127
INTERRUPTED = 130

PACKAGES = {"curses": "python3", "elftools": "python3-pyelftools", "jinja2": "python3-jinja2",
            "scipy": "python3-scipy", "shtab": "python3-shtab"}


class Failure(Exception):
    """A reason to stop."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


def not_started(word: str, error: OSError) -> Failure:
    """The Failure where a command cannot be started, with a shell's exit status."""
    if isinstance(error, FileNotFoundError):
        return Failure(f"{word}: {error.strerror if '/' in word else 'command not found'}", NOT_FOUND)
    return Failure(f"{word}: {error.strerror}", CANNOT_RUN)


def need(*modules: str) -> None:
    """Failure where Python has not these modules, naming Debian's package; before long work that ends in them."""
    for module in modules:
        if not importlib.util.find_spec(module):
            raise Failure(f"Python has no {module}: apt-get install {PACKAGES[module]}", OWN_FAILURE)

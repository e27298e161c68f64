"""Types of arguments: what a command line may say, and what its complaint calls it."""

ENDING_SIGNALS = ("HUP", "INT", "QUIT", "USR1", "USR2", "TERM")  # what a server may be ended by


def number(low, high=None):
    """The type of an argument that is a whole number from low on, or to high."""
    def parse(text):
        if not text.isdecimal() or int(text) < low or (high is not None and int(text) > high):
            raise ValueError
        return int(text)
    parse.__name__ = f"number from {low} on" if high is None else f"number from {low} to {high}"
    return parse


def seconds(text):
    """The type of an argument that is a time."""
    value = float(text)
    if not 0 <= value < 86400:
        raise ValueError
    return value


def signal_name(text):
    """The type of an argument that is the name of a signal, with or without SIG."""
    name = text.upper().removeprefix("SIG")
    if name not in ENDING_SIGNALS:
        raise ValueError
    return name


signal_name.__name__ = f"signal of {', '.join(ENDING_SIGNALS)}"

"""Which command the first word names; without one, allocators are measured."""

from harness.commands import compare, loads, measure, page, report, tune

COMMANDS = {"compare": compare.main, "tune": tune.main, "loads": loads.main, "page": page.main, "report": report.main,
            "plot": report.plot}


def main(words: list[str]) -> int:
    """Run a command line; return the exit status."""
    if words and words[0] in COMMANDS:
        return COMMANDS[words[0]](words[1:])
    return measure.main(words)

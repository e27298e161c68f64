"""The whole report of a results file of bench/run, as text."""

from collections.abc import Iterator

from harness.figures.results import Results
from harness.pages import builds, goals, text
from harness.programs import table


def lines(results: Results) -> Iterator[str]:
    """Yield it."""
    about = results.about
    yield "%d round%s, %d CPUs, load %.1f at the start%s" % (
        about["rounds"], "s" if about["rounds"] > 1 else "", about["cpus"], about["load"],
        " (others are running: expect wide spreads)" if about["load"] > 0.5 else "")
    for variable in about["environment"]:
        yield "with %s in the environment" % variable
    for name in about["programs"]:
        program = table.by_name(name)
        if program is None:
            yield "\n%s: not a program of this version" % name
        else:
            yield from text.program_lines(results, program)
    yield from builds.lines(results)
    yield from goals.lines(results, "quick run: rough figures" if about["quick"] else "")
    for note in about["missing"]:
        yield "  note: %s" % note
    for failure in about["failures"]:
        yield "  failed: %s: %s %s: %s" % (failure["allocator"], failure["program"], failure["row"] or "",
                                           failure["what"])

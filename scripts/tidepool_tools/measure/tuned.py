"""A tuned policy for people: the file, with a reason at each directive, and what it is to bring beside what came true.

waste        bytes of objects that nobody asked for, over all requests of a run. What came true: the objects the
             library says it chose, less the bytes asked for, in one more run of each policy with the histogram on,
             which is slow and gives no other figure. Aligned requests may get larger classes than predicted.
hit rate     of the requests up to 64 KiB, those that the pools served
peak memory  of the process with most
wall, CPU    of the run; with a load, the load's wall time and the command's CPU time; with its children
"""

import statistics
from collections.abc import Callable
from typing import Any

from ..base.figures import bytes_text, plural, seconds_text, share_text
from .trial import Result
from .tuning import Tuning

POLICIES = ("default", "tuned")


def percent(share: float) -> str:
    """A share as all these lines have it."""
    return share_text(share, 1, 2)


def predictions(tuning: Tuning) -> dict[str, dict[str, Any]]:
    """What each policy is to bring."""
    return {"default": tuning.predicted(False), "tuned": tuning.predicted(True)}


def prediction_text(tuning: Tuning) -> str:
    """The same as part of a line."""
    before, after = predictions(tuning).values()
    return (f"waste {bytes_text(before['waste_bytes'])} -> {bytes_text(after['waste_bytes'])}, "
            f"hit rate {percent(before['hit_share'])} -> {percent(after['hit_share'])}")


def policy_text(tuning: Tuning, words: list[str], version: str) -> str:
    """The policy file."""
    processes = plural(len(tuning.processes), "process", "es")
    lines = [f"# Policy of `tidepool tune` for: {' '.join(words)}".replace("\n", " "),
             f"# {version}; {sum(tuning.sizes.values()):,} requests of {processes} in {plural(tuning.runs, 'run')}",
             f"# Predicted for a run: {prediction_text(tuning)}"]
    directives = list(tuning.directives())
    for target, items, reasons in directives:
        lines += ["", *(f"# {target}: {reason}" for reason in reasons), f"{target}:{items}"]
    if not directives:
        lines += ["", "# Nothing: the default policy fits."]
    return "\n".join(lines) + "\n"


def summary(tuning: Tuning, path: str) -> list[str]:
    """Lines about what was written and what it is to bring."""
    change = bytes_text(tuning.predicted(True)["peak_change_bytes"])
    return [f"{'standard output' if path == '-' else path}: {sum(1 for _ in tuning.directives())} directives, "
            f"{len(tuning.exact)} of them exact classes",
            f"predicted: {prediction_text(tuning)}, peak memory {change}"]


def spread(values: list[float], show: Callable[[float], str]) -> str:
    """The median, and the least and the most where they differ."""
    low, middle, high = show(min(values)), show(statistics.median(values)), show(max(values))
    return middle if low == high else f"{middle} ({low} to {high})"


def table(tuning: Tuning, rounds: dict[str, list[Result]], weighed: dict[str, Result]) -> list[str]:
    """Lines of the comparison. rounds and weighed: the results of runs under each policy."""
    predicted = predictions(tuning)
    waste = {name: result.waste_bytes() for name, result in weighed.items()}

    def measured(figure: Callable[[Result], float], show: Callable[[float], str]) -> list[str]:
        return [spread([figure(result) for result in rounds[name]], show) for name in POLICIES]

    rows = [["", "predicted default", "predicted tuned", "measured default", "measured tuned"],
            ["waste", *(bytes_text(predicted[name]["waste_bytes"]) for name in POLICIES),
             *("-" if each is None else bytes_text(each) for each in (waste[name] for name in POLICIES))],
            ["hit rate", *(percent(predicted[name]["hit_share"]) for name in POLICIES),
             *measured(Result.hit_share, percent)],
            ["peak memory", "-", bytes_text(predicted["tuned"]["peak_change_bytes"]),
             *measured(Result.peak_bytes, bytes_text)],
            ["wall time", "-", "-", *measured(lambda result: result.wall_s, seconds_text)],
            ["CPU time", "-", "-", *measured(lambda result: result.cpu_s, seconds_text)]]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def figures(rounds: dict[str, list[Result]], weighed: dict[str, Result]) -> dict[str, Any]:
    """What came true, as JSON: waste in bytes a run, and the figures of every run compared."""
    return {"waste_bytes": {name: result.waste_bytes() for name, result in weighed.items()},
            "samples": [{"policy": name, "round": number, "wall_s": result.wall_s, "cpu_s": result.cpu_s,
                         "hit_share": result.hit_share(), "peak_rss_bytes": result.peak_bytes()}
                        for name, results in rounds.items() for number, result in enumerate(results, 1)]}

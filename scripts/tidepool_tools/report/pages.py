"""What is on the pages: a report of runs and heap profiles, and the page of a comparison."""

from typing import Any

from ..heap.profile import Profile
from ..stats.dump import Dump
from ..stats.sums import lives, sum_of
from . import comparison_view, profile_view, run_view, runs_view
from .page import Page


def of_files(runs: list[tuple[str, list[Dump]]], profiles: list[tuple[str, Profile]],
             comparisons: list[dict[str, Any]]) -> Page:
    """The page of a report. runs: (name, dumps); comparisons: what `tidepool compare` wrote."""
    programs = sorted({dump.program for _, dumps in runs for dump in dumps})
    page = Page(f"Tidepool report: {programs[0]}" if len(programs) == 1 else "Tidepool report")
    for data in comparisons:
        comparison_view.add(page, data)
    if len(runs) == 2:
        runs_view.add(page, [(name, sum_of([life[-1] for life in lives(dumps)])) for name, dumps in runs])
    for name, dumps in runs:
        run_view.add(page, name, dumps)
    for name, profile in profiles:
        profile_view.add(page, name, profile)
    return page


def of_comparison(data: dict[str, Any]) -> Page:
    """The page of a comparison, `data` as `tidepool compare --json` writes it."""
    page = Page("Tidepool comparison")
    comparison_view.add(page, data)
    return page

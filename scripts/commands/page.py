"""What is on the pages: a report of runs and heap profiles, and the page of a comparison."""

from . import comparison_view, profile_view, statistics_view
from .document import Page
from .dumps import by_process, merge

LEAD = "One file, complete in itself: it loads nothing and sends nothing."


def report(runs, profiles, comparisons):
    """The Page of a report. runs: (name, dumps); profiles: (name, Profile); comparisons: what `compare` wrote."""
    programs = sorted({dump.program for _, dumps in runs for dump in dumps})
    title = f"Tidepool report: {programs[0]}" if len(programs) == 1 else "Tidepool report"
    page = Page(title, LEAD)
    for data in comparisons:
        comparison_view.add_measured(page, data)
    if len(runs) == 2:
        wholes = [merge([life[-1] for life in by_process(dumps)]) for _, dumps in runs]
        page.group("Two runs compared")
        comparison_view.add_runs(page, [name for name, _ in runs], wholes)
    for name, dumps in runs:
        statistics_view.add_run(page, name, dumps)
    for name, profile in profiles:
        profile_view.add_profile(page, name, profile)
    return page


def write_comparison(data, path):
    """Write the page of a comparison, `data` as `tidepool compare --json` writes it, to a file."""
    page = Page("Tidepool comparison", LEAD)
    comparison_view.add_measured(page, data)
    page.write(path)

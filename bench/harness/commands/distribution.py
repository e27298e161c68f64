"""The command line of `bench/run compare` and `bench/run tune`: one of tidepool's commands on several programs."""

from collections.abc import Callable, Mapping
import os
from typing import Any

from harness.commands.arguments import Parser, integer
from harness.field import places
from harness.measuring.tidepool_command import Subject, Task, measure_all


def main(command: str, description: str, words: list[str], subjects: Mapping[str, Subject],
         figures_of: Callable[[dict[str, Any]], dict[str, Any]]) -> tuple[int, str]:
    """Run the command as the words say; return (exit status, the results file)."""
    parser = Parser("bench/run %s" % command, description)
    parser.add_argument("--rounds", type=integer(1, 99), default=7, metavar="N", help="rounds, 1 to 99 (default 7)")
    parser.add_argument("--only", metavar="NAME", choices=subjects, help="one of %s" % ", ".join(subjects))
    parser.add_build()
    parser.add_argument("--json", metavar="FILE", help="where every sample goes (default bench/results/%s.json, "
                        "part-%s.json with --only)" % (command, command))
    options = parser.parse_args(words)
    name = "part-%s.json" if options.only else "%s.json"
    path = options.json or os.path.join(places.RESULTS, name % command)
    if not places.can_write(path):
        parser.error("cannot write %s" % path)
    chosen = {options.only: subjects[options.only]} if options.only else subjects
    return measure_all(Task(command, chosen, options.rounds, options.build, figures_of), path), path

"""Runs of a command under the library: their statistics, time and memory.

In a Trial, what the environment sets for the library does not count: every run has the library's defaults and what the
caller asks for. Standard output goes nowhere, standard error where ours goes.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from ..base.failure import Failure, OWN_FAILURE
from ..stats.dump import Dump, hits, read_lines
from ..stats.patterns import literal
from ..stats.sums import lives
from .classes import LARGEST_BYTES
from .command import Command, Run, RunFailure, Service, Stream, check_startable
from .library import Library, PREFIX, own_environment


@dataclass
class Result:
    """What one run left: exit status, dumps (one a process), wall and CPU seconds."""
    status: int
    dumps: list[Dump]
    wall_s: float
    cpu_s: float

    def busy_dumps(self) -> list[Dump]:
        """Those of the processes that had a request."""
        return [dump for dump in self.dumps if dump.totals["gets"] + dump.large["gets"] > 0]

    def hit_share(self) -> float:
        """Of the requests up to the largest class, the share that the pools served."""
        return sum(hits(dump.totals) for dump in self.dumps) / max(sum(dump.totals["gets"] for dump in self.dumps), 1)

    def peak_bytes(self) -> float:
        """Peak memory of the process that had most."""
        return max(dump.peak_rss_bytes for dump in self.dumps)

    def waste_bytes(self) -> float | None:
        """Bytes of the objects that the library says it chose, less the bytes asked for; None without a histogram."""
        if not all(dump.histogram for dump in self.dumps):
            return None
        given = sum(size * row["gets"] for dump in self.dumps for size, row in dump.classes.items())
        asked = sum(size * gets for dump in self.dumps for size, gets in dump.sizes.items() if size <= LARGEST_BYTES)
        return given - asked


def run_counted(command: Command, preload: str | None, settings: dict[str, str], stdout: Stream, stderr: Stream,
                prefix: Sequence[str] = ()) -> tuple[Run, list[Dump]]:
    """Run a command once, under a library or none. With settings it is Tidepool (MODE: "count"), which leaves a dump of
    each process."""
    with tempfile.TemporaryDirectory(dir=command.folder, ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o1777)  # a server may give up its rights before it writes
        if settings:
            settings = {"STATS": "json", "STATS_FILE": literal(folder) + "/%p.json", **settings}
            # A server that its signal ends without a handler writes no dump at its end.
            if command.service:
                settings["STATS_SIGNAL"] = signal.Signals(command.service.signal_number).name
        assignments = {PREFIX + name: value for name, value in settings.items()}
        if preload:
            assignments["LD_PRELOAD"] = preload
        done = command.run(assignments, stdout, stderr, prefix)
        dumps = []
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                dumps += [life[-1] for life in lives(read_lines(file)[0])]
    return done, dumps


class Trial:
    """A command that is run again and again, with other settings of the library."""

    def __init__(self, library: Library, words: list[str], service: Service | None, folder: str) -> None:
        environment = own_environment()
        check_startable(words[0], environment)
        self.preload = library.preload(environment)
        others = {name: value for name, value in environment.items() if not name.startswith(PREFIX)}
        self.command = Command(words, others, folder, service)

    def run(self, **settings: str) -> Result:
        """Run the command once with these settings. Of a server with a load, the time is the load's."""
        word = self.command.words[0]
        try:
            done, dumps = run_counted(self.command, self.preload, settings, subprocess.DEVNULL, None)
        except RunFailure as failure:
            raise Failure(f"{word}: {failure}", OWN_FAILURE) from None
        if not dumps:
            raise Failure(f"{word}: left no statistics: static, setuid or ended by a signal?", OWN_FAILURE)
        return Result(done.status, dumps, done.figures["wall_s"], done.figures["cpu_s"])

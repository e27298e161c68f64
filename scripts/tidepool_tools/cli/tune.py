"""tidepool tune: find the policy that fits one program, and show whether it does.

Runs the command in count mode with histograms, computes a policy (measure/tuning.py says how, classes.py which sizes),
writes it with a reason at each directive, and runs the command again with the default and with the tuned policy, in
turn. measure/tuned.py says what stands side by side then. The command may start children; each writes its own
statistics, and their counts are summed.
"""

import contextlib
import json
import os
import signal
import sys
import tempfile
import time

from ..base import interrupts, output
from ..base.arguments import number, seconds, signal_name
from ..base.failure import CANNOT_RUN, Failure, INTERRUPTED, NOT_FOUND, OWN_FAILURE, WRONG_USAGE
from ..base.figures import plural
from ..base.progress import Progress
from ..measure import tuned
from ..measure.command import Service
from ..measure.library import Library
from ..measure.process import shell_status
from ..measure.trial import Result, Trial
from ..measure.tuning import Tuning
from .subcommand import Arguments, Subcommands

EXACT_MAX = 61  # the library has room for 125 classes, and 64 by default

DESCRIPTION = "Find the policy that fits COMMAND: run it, write a policy file, run it with and without, and compare."

EPILOG = f"""\
The command runs often: once to learn and, unless --no-check, twice to weigh and twice a round to compare. Its
standard output goes nowhere; its standard input is ours where that is a file, else nothing. TIDEPOOL_ variables of
the environment do not count. Use the policy with TIDEPOOL_POLICY=FILE or tidepool run --policy FILE.

exit status: that of COMMAND where one of its runs failed, 128 and the signal where that ended it; else 0;
{WRONG_USAGE} wrong usage, {OWN_FAILURE} no statistics or no library, {CANNOT_RUN} COMMAND cannot be run,
{NOT_FOUND} COMMAND not found, {INTERRUPTED} interrupted

examples:
  tidepool tune -- python3 program.py
  tidepool tune -o sqlite.policy --rounds 5 -- sqlite3 data.db <work.sql
  tidepool tune -o - --no-check -- make -j2 >make.policy
  tidepool tune --after 10 -- memcached -u nobody
  tidepool tune --load 'redis-benchmark -q -n 100000 -p 7000' -- redis-server --port 7000 --save ''
"""


def add(commands: Subcommands) -> None:
    """Add `tidepool tune`."""
    parser = commands.add("tune", execute, "find the policy that fits a command",
                          "tidepool tune [options] -- COMMAND [ARG...]", DESCRIPTION, EPILOG)
    parser.add_argument("-o", "--output", metavar="FILE",
                        help="the policy file; - for standard output (PROGRAM.policy)")
    parser.add_argument("-n", "--runs", metavar="N", type=number(1, 100), default=1, help="runs to learn from (1)")
    parser.add_argument("--classes", metavar="K", type=number(0, EXACT_MAX), default=12,
                        help="exact classes to add at most (12)")
    parser.add_argument("--rounds", metavar="N", type=number(1, 100), default=3, help="rounds to compare (3)")
    parser.add_argument("--no-check", action="store_true", help="write the policy, do not try it")
    parser.add_argument("--after", metavar="SECONDS", type=seconds,
                        help="stop the command after so long; with --load, begin the load then (1)")
    parser.add_argument("--load", metavar="COMMAND",
                        help="a shell command to run against a server, which is then stopped")
    parser.add_argument("--signal", metavar="NAME", type=signal_name, default="TERM", help="what stops it (TERM)")
    parser.add_argument("--json", metavar="FILE", help="write what was predicted and every sample there")


def learn(trial: Trial, count: int, progress: Progress) -> list[Result]:
    """Run in count mode."""
    results = []
    for turn in range(count):
        with progress.run(f"learning, run {turn + 1} of {count}"):
            results.append(trial.run(MODE="count", HISTOGRAM="1"))
    progress.end_stage("learning")
    return results


def check(trial: Trial, library: Library, text: str, count: int,
          progress: Progress) -> tuple[dict[str, list[Result]], dict[str, Result]]:
    """Run with the default policy and that of the text, in turn. Returns (rounds, weighed), as tuned.table() has it."""
    policy = os.path.join(trial.command.folder, "tuned.policy")
    output.write(text, policy)
    library.check({"TIDEPOOL_POLICY": policy})
    settings: dict[str, dict[str, str]] = {"default": {}, "tuned": {"POLICY": policy}}
    weighed: dict[str, Result] = {}
    rounds: dict[str, list[Result]] = {name: [] for name in settings}
    for name, more in settings.items():
        with progress.run(f"weighing, {name}"):
            weighed[name] = trial.run(MODE="pool", HISTOGRAM="1", **more)
    progress.end_stage("weighing")
    for turn in range(count):
        # Each goes first as often as the other.
        for name in sorted(settings, reverse=turn % 2 == 1):
            with progress.run(f"round {turn + 1} of {count}, {name}"):
                rounds[name].append(trial.run(MODE="pool", **settings[name]))
        progress.end_stage(f"round {turn + 1} of {count}")
    return rounds, weighed


def exit_status(results: list[Result]) -> int:
    """That of the first run that failed, as a shell says it; 0 where none did."""
    return next((shell_status(result.status) for result in results if result.status), 0)


def policy_path(arguments: Arguments, words: list[str]) -> str:
    """Where the policy goes."""
    return arguments.output or os.path.basename(words[0]) + ".policy"


def tune(arguments: Arguments, library: Library, trial: Trial, progress: Progress) -> int:
    """Learn, write the policy, check it. Returns the exit status."""
    started, words = time.strftime("%Y-%m-%dT%H:%M:%S%z"), trial.command.words
    path = policy_path(arguments, words)
    results = learn(trial, arguments.runs, progress)
    dumps = [dump for result in results for dump in result.busy_dumps()]
    if not dumps:
        output.complain(f"{words[0]}: asks for no memory: there is nothing to tune")
        return exit_status(results)
    histograms = [dump.histogram for dump in dumps if dump.histogram]
    if len(histograms) < len(dumps):
        raise Failure("a process had no memory for its histogram", OWN_FAILURE)
    tuning = Tuning(histograms, arguments.runs, arguments.classes)
    text = tuned.policy_text(tuning, words, library.version())
    output.write(text, path)
    report = sys.stderr if path == "-" else sys.stdout
    print("\n".join(tuned.summary(tuning, path)), file=report, flush=True)
    data = {"version": library.version(), "started": started, "command": words, "load": arguments.load,
            "runs": arguments.runs, "policy": text.splitlines(), "predicted": tuned.predictions(tuning)}
    if not arguments.no_check:
        rounds, weighed = check(trial, library, text, arguments.rounds, progress)
        lines = ["", f"{plural(arguments.rounds, 'round')}; median (least to most)",
                 *tuned.table(tuning, rounds, weighed)]
        print("\n".join(lines), file=report)
        data.update(rounds=arguments.rounds, **tuned.figures(rounds, weighed))
        results += [*weighed.values(), *rounds["default"], *rounds["tuned"]]
    if arguments.json:
        output.write(json.dumps(data, indent=1) + "\n", arguments.json)
    return exit_status(results)


def execute(arguments: Arguments, words: list[str]) -> int:
    """Tune the command. Returns the exit status."""
    interrupts.listen()
    library = arguments.library()
    for path in filter(None, (policy_path(arguments, words), arguments.json)):
        output.check(path)
    service = None
    if arguments.load or arguments.after is not None:
        service = Service(signal.Signals["SIG" + arguments.signal], arguments.load,
                          after_s=1 if arguments.after is None else arguments.after)
    runs = arguments.runs + (0 if arguments.no_check else 2 + 2 * arguments.rounds)
    with tempfile.TemporaryDirectory(prefix="tidepool-tune.", ignore_cleanup_errors=True) as folder, \
            contextlib.closing(Progress(runs)) as progress:
        os.chmod(folder, 0o755)  # also for programs that give up their rights and start others
        try:
            try:
                return tune(arguments, library, Trial(library, words, service, folder), progress)
            except Failure:
                interrupts.check()
                raise
        except KeyboardInterrupt:
            return INTERRUPTED

"""tidepool tune: find the policy that fits one program, and show whether it does.

Runs the command in count mode with histograms, computes a policy (tuning.py says how, classes.py which sizes), writes
it with a reason at each directive, and runs the command again with the default and with the tuned policy, in turn.
Side by side stand what was predicted and what came true, medians with the least and the most:

waste        bytes of objects that nobody asked for, over all requests of a run. What came true: the objects the
             library says it chose, less the bytes asked for, in one more run of each policy with the histogram on,
             which is slow and gives no other figure. Aligned requests may get larger classes than predicted.
hit rate     of the requests up to 64 KiB, those that the pools served
peak memory  of the process with most
wall, CPU    of the run; with a load, the load's wall time and the command's CPU time; with its children

The command may start children; each writes its own statistics, and their counts are summed.
"""

import json
import os
import statistics
import sys
import tempfile
import time

from . import interrupts, output, trial
from .arguments import number, seconds, signal_name
from .library import CANNOT_RUN, Failure, INTERRUPTED, NOT_FOUND, OWN_FAILURE, WRONG_USAGE
from .plain import in_bytes
from .progress import Progress
from .tuning import Tuning

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


def add(commands, shared, _library):
    """Add `tidepool tune`."""
    parser = commands.add_parser("tune", parents=[shared], help="find the policy that fits a command",
                                 usage="tidepool tune [options] -- COMMAND [ARG...]", description=DESCRIPTION,
                                 epilog=EPILOG)
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
    parser.set_defaults(execute=execute)


def percent(share):
    return f"{100 * share:.2f} %"


def time_s(value):
    return f"{value:.3f} s"


def spread(values, show):
    """The median, and the least and the most where they differ."""
    low, middle, high = show(min(values)), show(statistics.median(values)), show(max(values))
    return middle if low == high else f"{middle} ({low} to {high})"


def policy_text(tuning, words, version):
    """The policy file."""
    before, after = tuning.predicted(False), tuning.predicted(True)
    processes = len(tuning.processes)
    lines = [f"# Policy of `tidepool tune` for: {' '.join(words)}".replace("\n", " "),
             f"# {version}; {sum(tuning.sizes.values()):,} requests of {processes} process{'es' * (processes > 1)} in "
             f"{tuning.runs} run{'s' * (tuning.runs > 1)}",
             f"# Predicted for a run: waste {in_bytes(before['waste_bytes'])} -> "
             f"{in_bytes(after['waste_bytes'])}, hit rate "
             f"{percent(before['hit_share'])} -> {percent(after['hit_share'])}"]
    directives = list(tuning.directives())
    for target, items, reasons in directives:
        lines.append("")
        lines += [f"# {target}: {reason}" for reason in reasons]
        lines.append(f"{target}:{items}")
    if not directives:
        lines += ["", "# Nothing: the default policy fits."]
    return "\n".join(lines) + "\n"


def summary(tuning, path):
    """Lines about what was written and what it is to bring."""
    before, after = tuning.predicted(False), tuning.predicted(True)
    return [f"{'standard output' if path == '-' else path}: {sum(1 for _ in tuning.directives())} directives, "
            f"{len(tuning.exact)} of them exact classes",
            f"predicted: waste {in_bytes(before['waste_bytes'])} -> {in_bytes(after['waste_bytes'])}, "
            f"hit rate {percent(before['hit_share'])} -> {percent(after['hit_share'])}, "
            f"peak memory {in_bytes(after['peak_change_bytes'])}"]


def table(tuning, rounds, weighed):
    """Lines of the comparison: rounds and weighed map "default" and "tuned" to results of runs."""
    predicted = {"default": tuning.predicted(False), "tuned": tuning.predicted(True)}
    waste = {name: result.waste_bytes() for name, result in weighed.items()}
    rows = [("", "predicted default", "predicted tuned", "measured default", "measured tuned"),
            ("waste", *(in_bytes(predicted[name]["waste_bytes"]) for name in predicted),
             *("-" if waste[name] is None else in_bytes(waste[name]) for name in predicted)),
            ("hit rate", *(percent(predicted[name]["hit_share"]) for name in predicted),
             *(spread([result.hit_share() for result in rounds[name]], percent) for name in predicted)),
            ("peak memory", "-", in_bytes(predicted["tuned"]["peak_change_bytes"]),
             *(spread([result.peak_bytes() for result in rounds[name]], in_bytes) for name in predicted)),
            ("wall time", "-", "-",
             *(spread([result.wall_s for result in rounds[name]], time_s) for name in predicted)),
            ("CPU time", "-", "-",
             *(spread([result.cpu_s for result in rounds[name]], time_s) for name in predicted))]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]


def try_both(plan, tuned, count, progress):
    """Run with the default and the tuned policy in turn. Returns (rounds, weighed), as table() takes them."""
    settings = {"default": {}, "tuned": {"POLICY": tuned}}
    weighed, rounds = {}, {name: [] for name in settings}
    for name, more in settings.items():
        progress.begin(f"weighing, {name}", quiet=False)
        weighed[name] = trial.run(plan, MODE="pool", HISTOGRAM="1", **more)
        progress.end_run()
    progress.end_stage("weighing")
    for turn in range(count):
        # Each goes first as often as the other.
        for name in sorted(settings, reverse=turn % 2 == 1):
            progress.begin(f"round {turn + 1} of {count}, {name}", quiet=False)
            rounds[name].append(trial.run(plan, MODE="pool", **settings[name]))
            progress.end_run()
        progress.end_stage(f"round {turn + 1} of {count}")
    return rounds, weighed


def check(plan, text, count, progress):
    """Try the policy of this text, as try_both() does."""
    with tempfile.TemporaryDirectory(prefix="tidepool-tune.") as folder:
        os.chmod(folder, 0o755)  # also for programs that give up their rights and start others
        tuned = os.path.join(folder, "tuned.policy")
        output.write(text, tuned)
        plan.library.check({"TIDEPOOL_POLICY": tuned})
        return try_both(plan, tuned, count, progress)


def learn(plan, count, progress):
    """Run in count mode. Returns the results."""
    results = []
    for turn in range(count):
        progress.begin(f"learning, run {turn + 1} of {count}", quiet=False)
        results.append(trial.run(plan, MODE="count", HISTOGRAM="1"))
        progress.end_run()
    progress.end_stage("learning")
    return results


def samples(rounds, weighed):
    """What came true, for --json: waste in bytes a run, and the figures of every run compared."""
    return {"waste_bytes": {name: result.waste_bytes() for name, result in weighed.items()},
            "samples": [{"policy": name, "round": number + 1, "wall_s": result.wall_s, "cpu_s": result.cpu_s,
                         "hit_share": result.hit_share(), "peak_rss_bytes": result.peak_bytes()}
                        for name, results in rounds.items() for number, result in enumerate(results)]}


def exit_status(results):
    """That of the first run that failed, as a shell says it; 0 where none did."""
    for result in results:
        if result.status:
            return result.status if result.status > 0 else 128 - result.status
    return 0


def policy_path(arguments, words):
    """Where the policy goes."""
    return arguments.output or os.path.basename(words[0]) + ".policy"


def tune(arguments, plan, started, progress):
    """Learn, write the policy, check it. Returns the exit status."""
    version, path = plan.library.version(), policy_path(arguments, plan.words)
    results = learn(plan, arguments.runs, progress)
    dumps = [dump for result in results for dump in result.busy_dumps()]
    if not dumps:
        print(f"tidepool: {plan.words[0]}: asks for no memory: there is nothing to tune", file=sys.stderr)
        return exit_status(results)
    if not all("histogram" in dump for dump in dumps):
        raise Failure("a process had no memory for its histogram", OWN_FAILURE)
    tuning = Tuning(dumps, arguments.runs, arguments.classes)
    text = policy_text(tuning, plan.words, version)
    output.write(text, path)
    report = sys.stderr if path == "-" else sys.stdout
    print("\n".join(summary(tuning, path)), file=report, flush=True)
    data = {"version": version, "started": started, "command": plan.words, "load": plan.load, "runs": arguments.runs,
            "policy": text.splitlines(),
            "predicted": {"default": tuning.predicted(False), "tuned": tuning.predicted(True)}}
    if not arguments.no_check:
        rounds, weighed = check(plan, text, arguments.rounds, progress)
        lines = ["", f"{arguments.rounds} round{'s' * (arguments.rounds > 1)}; median (least to most)",
                 *table(tuning, rounds, weighed)]
        print("\n".join(lines), file=report)
        data.update(rounds=arguments.rounds, **samples(rounds, weighed))
        results += [*weighed.values(), *rounds["default"], *rounds["tuned"]]
    if arguments.json:
        output.write(json.dumps(data, indent=1) + "\n", arguments.json)
    return exit_status(results)


def execute(arguments, library, words):
    """Tune the command. Returns the exit status."""
    if not words:
        raise Failure("no command: tidepool tune [options] -- COMMAND [ARG...]", WRONG_USAGE)
    for path in filter(None, (policy_path(arguments, words), arguments.json)):
        output.check(path)
    started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    plan = trial.Plan(library, words, arguments.load, arguments.signal, arguments.after)
    interrupts.listen()
    with Progress(arguments.runs + (0 if arguments.no_check else 2 + 2 * arguments.rounds)) as progress:
        try:
            try:
                return tune(arguments, plan, started, progress)
            except Failure:
                interrupts.check()
                raise
        except KeyboardInterrupt:
            return INTERRUPTED

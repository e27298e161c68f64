"""Every program under every allocator, round by round, and the line that tells how long it will take.

Every round runs every program once under every allocator, one after the other row by row, so that what
disturbs the machine for a while disturbs them all; who is first changes from row to row and round to round.
A row of the suite that is over soon is run several laps in each round, as a short run is disturbed more.
"""

import statistics
import sys
import time

import field
import measure

LAPS_S = 1.0  # a row's laps of a round take about so long, under the allocator in the middle


class Progress:
    """One line on stderr with the time left; rewritten on a terminal, one a row and round elsewhere."""

    def __init__(self, planned):
        """planned: {(program name, row): (seconds of one run, number of runs)}"""
        self.guess_s = {key: seconds for key, (seconds, _) in planned.items()}
        self.left = {key: count for key, (_, count) in planned.items()}
        self.taken_s = {key: [] for key in planned}
        self.terminal = sys.stderr.isatty()
        self.last = None

    def left_s(self):
        """Estimate what is left, by what was measured so far; guesses were for another machine."""
        seen = [key for key, taken in self.taken_s.items() if taken]
        taken = {key: sum(self.taken_s[key]) / len(self.taken_s[key]) for key in seen}
        slower = sum(taken.values()) / (sum(self.guess_s[key] for key in seen) or 1) if seen else 1
        return sum(count * taken.get(key, self.guess_s[key] * slower) for key, count in self.left.items())

    def show(self, text, key):
        if self.terminal or self.last != (text, key):
            left_s = self.left_s()
            line = "%s: about %d:%02d left" % (text, left_s // 60, left_s % 60)
            sys.stderr.write("\r\033[K" + line if self.terminal else line + "\n")
            sys.stderr.flush()
        self.last = (text, key)

    def done(self, key, seconds):
        self.taken_s[key].append(seconds)
        self.left[key] -= 1

    def forget(self, key, count):
        """Take runs that will not happen off the estimate."""
        self.left[key] -= count

    def say(self, text):
        sys.stderr.write(("\r\033[K" if self.terminal else "") + text + "\n")

    def end(self):
        if self.terminal:
            sys.stderr.write("\r\033[K")


def reference_sums(table, options, progress):
    """Run once under glibc each row that prints a sum; return {(program name, row): sum}, without those that failed.

    So no allocator that is measured is held against another that may be wrong, and files are read from disk before.
    """
    sums = {}
    for program, row in table:
        if not program.prints_sum:
            continue
        key = (program.name, row)
        progress.show("reference, %s" % program.label(row), key)
        try:
            sums[key] = measure.run(program, row, field.Allocator(field.GLIBC, None), options).get("sum")
        except measure.Failure as failure:
            progress.say("bench/run: %s has no reference: it %s" % (program.label(row), failure))
        progress.forget(key, 1)
    return sums


def laps_of(program, row, results, options):
    """Return how often a row is run in each round, by its first lap: one that is over soon more often."""
    if options.quick or program.laps_max == 1:
        return 1
    taken = [seconds for name in results.names(program.name)
             for seconds in results.values(program.name, row, name, "seconds").values()]
    return max(1, min(program.laps_max, round(LAPS_S / statistics.median(taken)))) if taken else 1


def measure_all(options, allocators, results, failures):
    """Run every round; a row that fails under an allocator is left out for it from then on."""
    table = [(program, row) for program in options.programs for row in program.rows]
    takes_part = {program.name: [a for a in allocators if program.runs_under(a)] for program in options.programs}
    progress = Progress({(program.name, row): (program.planned_s(row, options),
                                               options.rounds * len(takes_part[program.name]) + program.prints_sum)
                         for program, row in table})
    failed, right = set(), reference_sums(table, options, progress)
    laps = {}

    def lap(program, row, number, shift, shown):
        """Run a row once under every allocator, as the lap of that number of all of the row's."""
        runners = takes_part[program.name]
        key, label = (program.name, row), program.label(row)
        shift %= max(len(runners), 1)
        for position, allocator in enumerate(runners[shift:] + runners[:shift]):
            if (key, allocator.name) in failed:
                continue
            progress.show("%s, %s" % (shown, label), key)
            start = time.monotonic()
            try:
                figures = measure.run(program, row, allocator, options)
                if key in right and figures.get("sum", right[key]) != right[key]:  # Go prints none
                    raise measure.Failure("computed %s, not %s" % (figures["sum"], right[key]))
            except measure.Failure as failure:
                failed.add((key, allocator.name))
                progress.forget(key, options.rounds * laps.get(key, 1) - number + 1)
                failures.append({"allocator": allocator.name, "program": program.name, "row": row,
                                 "round": number, "what": str(failure)})
                progress.say("bench/run: %s: %s %s" % (allocator.name, label, failure))
                continue
            results.add(program.name, row, allocator.name, number, position, figures)
            progress.done(key, time.monotonic() - start)

    for round_number in range(options.rounds):
        shown = "round %d/%d" % (round_number + 1, options.rounds)
        for row_number, (program, row) in enumerate(table):
            key = (program.name, row)
            if round_number == 0:
                lap(program, row, 1, row_number, shown)
                laps[key] = laps_of(program, row, results, options)
                working = sum((key, allocator.name) not in failed for allocator in takes_part[program.name])
                progress.forget(key, -(laps[key] - 1) * options.rounds * working)
            for number in range(round_number * laps[key] or 1, (round_number + 1) * laps[key]):
                lap(program, row, number + 1, number + row_number, shown)
    progress.end()

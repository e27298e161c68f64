"""What a program's requests say about a policy for it: the rules of `tidepool tune`, without running anything.

What is known comes from the histograms in the dumps of a run in count mode, one a process: gets of each size, exactly;
of each default class, gets in the first 0.1 s, and lifetimes of a sample (one request in `interval`).
An exact class takes over its share, by gets, of the numbers of the default class around it. Policies act in each
process, so figures of time are those of the process where they are highest. With f = freed / sampled:

exact    Added as classes.py says: the sizes that waste least.
never    Fewer than RARE_GETS gets in every process, where one ran for LONG_S or more: a stack is not worth it.
         Shorter runs cannot tell what is rare; auto can. Not for what is kept to the end: auto gives it slots for a
         refill, without which each request would go to the slabs alone.
always   ADMIT gets a second or more in the first 0.1 s, and f of GIVEN_BACK_SHARE or more: auto would decide the
         same, only later, after the first of them went to the slabs.
cap      Little's law: objects live at once = rate x lifetime, here L = interval x sum of the sampled lifetimes
         under SHORT_NS / time of the process, because what lives longer than a tick is not fed by a pool. Wanted:
         2 x (L + 4 x sqrt(L)): the top of a saw-tooth is twice its mean, and 4 standard deviations of independent
         requests around it; at least CAP_MIN; never more than were live at once. A cap is the stack's and the
         overflow's, so a CPU then holds twice as many, and by default what both hold. Raised where it is over 1.5
         times the default and the CPU holds no less than by default, while all that is raised stays under
         RAISED_BYTES a CPU. Lowered where the CPU holds a quarter of the default or less, the default holds
         LOWERED_BYTES or more, and so many were live that it would fill. Both only with SURE_SAMPLES short lives and
         f as for always, lowered only with SURE_LIVE samples live.
warm     Where always is set and WARM_REFILLS refills or more, and SURE_LIVE samples, were live when the 0.1 s were
         over: so many, within cap and WARM_BYTES on each CPU. They would be made anyway, a refill at a time.
batch, zero    Left alone: nothing here speaks of them.

Predictions. Waste: exact, from the sizes and the class table. Misses of a class: one a refill for the most objects
live at once, because a pool that gets everything back asks the slabs only when more are live than ever before; and
what comes while it is not pooled: all gets of a class that never is, and with auto EARLY_GETS of each process, or all
where ADMIT a second are not reached. What a turn drains and a program wants again is left out. Memory: the waste of
an average request, after less before, of the most objects live at once. Time is not predicted.
"""

import math
from collections.abc import Iterator
from typing import Any

from ..stats.sums import added
from .classes import choose_exact, class_of, default_classes, gets_by_class, waste_bytes

ADMIT = 1000  # TIDEPOOL_ADMIT, and the classes' settings below, are the library's defaults
EARLY_GETS = 16  # so many at ADMIT a second, and auto does not wait for the tick
TICK_S = 1
START_S = 0.1
RARE_GETS = 100
LONG_S = 10
SURE_SAMPLES = 32
SURE_LIVE = 8
GIVEN_BACK_SHARE = 0.5
SHORT_NS = TICK_S * 10**9
CAP_MIN = 16
CAP_MAX = 511
RAISED_BYTES = 16 << 20
LOWERED_BYTES = 1 << 20
WARM_REFILLS = 4
WARM_BYTES = 64 << 10

Directive = tuple[str, str, list[str]]  # its target, its items, the reasons for it


def default_cap(size: int) -> int:
    """Objects that a CPU's stack of a class holds, as in policy/class.c."""
    return min(max((128 << 10) // size, 64), CAP_MAX)


def default_overflow(size: int) -> int:
    """Objects that a CPU's overflow of a class holds where no policy says a cap, as in policy/class.c."""
    return min(max((2 << 20) // size, 64), 2048)


def refill(size: int) -> int:
    """Objects that a miss takes from the slabs, as in policy/class.c."""
    return min(max(16384 // size, 4), 128)


class Process:
    """What one process's histogram says."""

    def __init__(self, histogram: dict[str, Any]) -> None:
        self.sizes: dict[int, int] = {size: gets for size, gets in histogram["sizes"]}
        self.span_s = max(histogram["span_ns"] / 1e9, 1e-3)
        self.interval = histogram["lifetimes"]["interval"]
        self.lives = {row["size"]: row for row in histogram["lifetimes"]["per_size"]}

    def short_live(self, row: dict[str, Any]) -> float:
        """Mean number of objects live at once of those that lived for less than SHORT_NS, by Little's law."""
        lived_ns = sum(1.5 * 2**log2 * count for log2, count in row["log2_ns"] if 2**log2 < SHORT_NS)
        return float(self.interval * lived_ns / (self.span_s * 1e9))


class Class:
    """One class of the tuned table: what is known of its objects, and what was decided, with the reasons."""

    def __init__(self, size: int, exact: bool) -> None:
        self.size, self.exact, self.mode = size, exact, "auto"
        self.cap: int | None = None
        self.warm: int | None = None
        self.reasons: list[str] = []
        self.gets = self.start_gets = self.most_gets = 0.0
        self.sampled = self.freed = self.short_samples = 0  # of the default class around
        self.live_mean = self.live_peak = self.start_live = 0.0
        self.live_samples = self.start_samples = 0  # behind live_peak and start_live
        self.unpooled = 0.0  # gets before auto would pool

    def learn(self, process: Process, share: float, row: dict[str, Any] | None, gets: float) -> None:
        """Add what a process says: `share` of its row of the default class around, and exact gets."""
        self.gets += gets
        self.most_gets = max(self.most_gets, gets)
        start_gets = share * row["start_gets"] if row else 0
        reached = gets / max(process.span_s, TICK_S) >= ADMIT or start_gets >= ADMIT * START_S
        self.unpooled += min(gets, EARLY_GETS) if reached else gets
        if not row or not gets:
            return
        # What is freed of the samples, and how soon, is taken to be the same all over the default class.
        self.sampled += row["sampled"]
        self.freed += row["freed"]
        self.short_samples += sum(count for log2, count in row["log2_ns"] if 2**log2 < SHORT_NS)
        self.start_gets = max(self.start_gets, start_gets)
        self.live_samples = max(self.live_samples, row["live_peak"])
        self.start_samples = max(self.start_samples, row["start_live"])
        self.start_live = max(self.start_live, min(gets, share * process.interval * row["start_live"]))
        self.live_peak = max(self.live_peak, min(gets, share * process.interval * row["live_peak"]))
        self.live_mean = max(self.live_mean, share * process.short_live(row))

    def freed_share(self) -> float | None:
        """f, or None where too few were sampled to tell."""
        return self.freed / self.sampled if self.sampled >= SURE_SAMPLES else None

    def misses(self, mode: str) -> float:
        """Predicted gets that no pool serves, with this mode."""
        if mode == "never":
            return self.gets
        made = min(self.gets, math.ceil(self.live_peak / refill(self.size)) or 1) if self.gets else 0
        return min(self.gets, made + (self.unpooled if mode == "auto" else 0))

    def decide_mode(self, long_run: bool) -> None:
        freed = self.freed_share()
        if long_run and 0 < self.most_gets < RARE_GETS:
            self.mode = "never"
            self.reasons.append(f"{self.most_gets:,.0f} requests in the process with most, and one ran for {LONG_S} s: "
                                "not worth a stack")
        elif freed is not None and freed >= GIVEN_BACK_SHARE and self.start_gets >= ADMIT * START_S:
            self.mode = "always"
            self.reasons.append(f"{self.start_gets:,.0f} requests in the first {START_S} s and {freed:.0%} of "
                                f"{self.gets:,.0f} given back: hot from the start")

    def wanted_cap(self) -> int | None:
        """Objects that a stack should hold, or None where that is not known."""
        freed = self.freed_share()
        if freed is None or freed < GIVEN_BACK_SHARE or self.short_samples < SURE_SAMPLES or self.mode == "never":
            return None
        wanted = 2 * (self.live_mean + 4 * math.sqrt(self.live_mean))
        return max(CAP_MIN, math.ceil(min(wanted, self.live_peak, CAP_MAX)))

    def decide_cap(self, raised_bytes: int) -> int:
        """Set cap where it should differ. Returns the bytes by which it was raised."""
        wanted, default = self.wanted_cap(), default_cap(self.size)
        if wanted is None:
            return 0
        held = default + default_overflow(self.size)
        about = f"{self.live_mean:,.1f} short-lived objects live at once on average (rate x lifetime)"
        added_bytes = (2 * wanted - held) * self.size
        if wanted > 1.5 * default and 0 <= added_bytes <= RAISED_BYTES - raised_bytes:
            self.cap = wanted
            self.reasons.append(f"{about}: more than the default of {default} would serve from overflows")
            return added_bytes
        fills = self.live_peak > held and self.live_samples >= SURE_LIVE
        if 2 * wanted <= held / 4 and held * self.size >= LOWERED_BYTES and fills:
            self.cap = wanted
            self.reasons.append(f"{about}, {self.live_peak:,.0f} at most: the default of {default}, and "
                                f"{held - default:,} in the overflow, would hold memory")
        return 0

    def decide_warm(self) -> None:
        warm = min(int(self.start_live), self.cap or default_cap(self.size), WARM_BYTES // self.size)
        burst = self.start_live >= WARM_REFILLS * refill(self.size) and self.start_samples >= SURE_LIVE
        if self.mode == "always" and burst:
            self.warm = warm
            self.reasons.append(f"{self.start_live:,.0f} live after the first {START_S} s: made before they are asked "
                                "for")

    def items(self) -> str:
        """What is set, as in a directive: always,cap=64,warm=16; empty: all as by default."""
        # Said in full of an exact class: by itself it takes over the mode of the class around it.
        words = [self.mode] if self.exact or self.mode != "auto" else []
        words += [f"cap={self.cap}"] if self.cap else []
        words += [f"warm={self.warm}"] if self.warm else []
        return ",".join(words)


class Tuning:
    """The tuned policy for processes by their histograms, of `runs` runs, with at most `most` exact classes."""

    def __init__(self, histograms: list[dict[str, Any]], runs: int, most: int) -> None:
        self.processes = [Process(histogram) for histogram in histograms]
        self.runs = runs
        self.sizes = added(process.sizes for process in self.processes)
        self.before = default_classes()
        self.exact = choose_exact(self.sizes, most)
        self.after = sorted(self.before + self.exact)
        self.classes = [Class(size, size in self.exact) for size in self.after]
        self.learn()
        self.decide()

    def learn(self) -> None:
        for process in self.processes:
            before, after = gets_by_class(self.before, process.sizes), gets_by_class(self.after, process.sizes)
            for one in self.classes:
                around = class_of(self.before, one.size) or 0
                share = after[one.size] / before[around] if before[around] else 0
                one.learn(process, share, process.lives.get(around), after[one.size])

    def decide(self) -> None:
        raised_bytes, gets = 0, gets_by_class(self.after, self.sizes)
        long_run = any(process.span_s >= LONG_S for process in self.processes)
        for one in self.classes:
            if one.exact:
                one.reasons.append(self.exact_reason(one.size, gets[one.size]))
            one.decide_mode(long_run)
            raised_bytes += one.decide_cap(raised_bytes)
            one.decide_warm()

    def exact_reason(self, size: int, gets: float) -> str:
        above = self.after[self.after.index(size) + 1]
        saved = gets * (above - size)
        share = saved / max(waste_bytes(self.before, self.sizes), 1)
        return (f"{gets:,.0f} requests would leave {above - size} bytes more unused in objects of {above}: "
                f"{saved:,.0f} bytes, {share:.1%} of all waste")

    def predicted(self, tuned: bool) -> dict[str, Any]:
        """Predicted figures of one run, by name: waste_bytes, hit_share, and, tuned, peak_change_bytes."""
        table = self.after if tuned else self.before
        gets = sum(one.gets for one in self.classes)
        misses = sum(one.misses(one.mode if tuned else "auto") for one in self.classes)
        return {"waste_bytes": waste_bytes(table, self.sizes) / self.runs,
                "hit_share": 1 - misses / max(gets, 1),
                "peak_change_bytes": self.peak_change_bytes() if tuned else None}

    def peak_change_bytes(self) -> float:
        change = 0.0
        for low, high in zip([0] + self.before, self.before):
            within = {size: gets for size, gets in self.sizes.items() if low < max(size, 1) <= high}
            saved = waste_bytes(self.before, within) - waste_bytes(self.after, within)
            peak = sum(one.live_peak for one in self.classes if low < one.size <= high)
            change -= peak * saved / max(sum(within.values()), 1)
        return change

    def directives(self) -> Iterator[Directive]:
        """Yield (target, items, reasons) of what differs from the default: ranges first, then exact classes."""
        run: list[Class] = []
        for one in [*self.classes, None]:
            plain = one is not None and not one.exact and one.mode != "auto" and not one.cap and not one.warm
            if run and not (one and plain and one.mode == run[0].mode):
                yield merged(run)
                run = []
            if one and plain:
                run.append(one)
        for one in self.classes:
            if not one.exact and (one.cap or one.warm):
                yield str(one.size), one.items(), one.reasons
        for one in self.classes:
            if one.exact:
                yield str(one.size), one.items(), one.reasons


def merged(run: list[Class]) -> Directive:
    """One directive for neighbours of one mode: its target, items and reasons."""
    if len(run) == 1:
        return str(run[0].size), run[0].mode, run[0].reasons
    gets = sum(one.gets for one in run)
    sampled, freed = sum(one.sampled for one in run), sum(one.freed for one in run)
    if run[0].mode == "always":
        reason = (f"{sum(one.start_gets for one in run):,.0f} requests in the first {START_S} s and "
                  f"{freed / max(sampled, 1):.0%} of {gets:,.0f} given back: hot from the start")
    else:
        reason = f"{gets:,.0f} requests, {freed / max(sampled, 1):.1%} of the sampled given back: pools cannot help"
    return f"{run[0].size}-{run[-1].size}", run[0].mode, [reason]

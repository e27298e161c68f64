"""The sections about the policy: which classes are pooled and why, and when that changed."""

from ..base.figures import count_text, plural, seconds_text, size_text
from ..stats.dump import Decision, Dump
from . import chart
from .page import Group
from .parts import parts, text

CHANGES = 64  # that the library keeps
WHY = {
    "rate": "asked for often enough, or no longer", "lifetime": "objects live too long to gain from a pool",
    "budget": "the pools may hold no more", "always": "so it was configured", "never": "so it was configured",
    "start": "as every class begins",
}


def state(admitted: bool) -> str:
    """What becomes of the requests of a class."""
    return "pooled" if admitted else "passed on"


def periods(changes: list[Decision], end_s: float) -> list[tuple[float, float]]:
    """When a class was admitted, by its changes, the oldest first. [(from, to)]"""
    found, begin_s = [], None if changes[0].admitted else 0.0
    for change in changes:
        if change.admitted and begin_s is None:
            begin_s = change.at_s
        elif not change.admitted and begin_s is not None:
            found.append((begin_s, change.at_s))
            begin_s = None
    return found if begin_s is None else [*found, (begin_s, max(end_s, begin_s))]


def add(group: Group, dump: Dump, alone: bool) -> None:
    """How every class stands with the policy, and when that changed."""
    of = "" if alone else text(" Of {}, pid {}, the busiest process.", parts.foreign(dump.program), dump.pid)
    if dump.policies:
        rows = [(size_text(policy.size), state(policy.admitted), policy.mode or "-",
                 WHY.get(policy.why, policy.why or "-"), seconds_text(policy.at_s), count_text(policy.capacity),
                 count_text(dump.classes[policy.size]["gets"]) if policy.size in dump.classes else "-")
                for policy in dump.policies]
        admitted = sum(policy.admitted for policy in dump.policies)
        group.section(
            "What the policy decided",
            text("{} of {} classes are pooled at the end; requests of the others are passed on.{}", admitted, len(rows),
                 of),
            parts.table("Policy by class", ("size", "now", "mode", "why", "since", "capacity, objects", "gets"), rows,
                        4))
    if dump.changes:
        end_s = max([dump.uptime_s, *(change.at_s for change in dump.changes)])
        changed: dict[int, list[Decision]] = {}
        for change in dump.changes:
            changed.setdefault(change.size, []).append(change)
        group.section(
            "Policy changes over time",
            text("When each class was pooled: coloured where it was, empty where its requests were passed on. The "
                 "library keeps {} changes.{}", CHANGES, of),
            chart.spans("Policy changes", [(size_text(size), periods(own, end_s), plural(len(own), "change"))
                                           for size, own in sorted(changed.items())], end_s, seconds_text),
            parts.folded(f"All {len(dump.changes)} changes", parts.table(
                "Policy changes", ("size", "became", "why", "at"),
                [(size_text(change.size), state(change.admitted), WHY.get(change.why, change.why or "-"),
                  seconds_text(change.at_s)) for change in dump.changes], 3)))

"""Charts: what is drawn where, for stacked bars, spans and areas over time, strips of dots and flame graphs."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..heap.calls import Node
from ..heap.symbols import Frame
from .parts import parts

LEAST_SHARE = 0.0015  # of a flame graph; what is narrower would be invisible

Write = Callable[[float], str]


def part(some: float, whole: float) -> float:
    """A share; of nothing none."""
    return some / whole if whole else 0


def bars(title: str, rows: Iterable[tuple[Any, list[tuple[str, float, str]], str]], to_scale: bool = True) -> Any:
    """Stacked bars below each other. rows: (label, [(CSS class, number, what it says)], text at the end).
    to_scale: of the longest row, else each fills its line."""
    rows = [(label, [each for each in values if each[1] > 0], text) for label, values, text in rows]
    wholes = [sum(value for _, value, _ in values) for _, values, _ in rows]
    if to_scale:
        wholes = [max(wholes, default=0)] * len(rows)
    return parts.rows(title, "bar", [
        (label, [("i", kind, None, part(value, whole), about) for kind, value, about in values], text)
        for (label, values, text), whole in zip(rows, wholes)])


def round_up(value: float, base: int = 10) -> float:
    """The next number that reads well: 1, 2 or 5 times a power of ten, or a power of two of bytes (base 2)."""
    if value <= 0:
        return 1
    if base == 2:
        return float(2 ** math.ceil(math.log2(value)))
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def path(points: Iterable[tuple[float, float]], start: str = "M") -> str:
    """An SVG path along points."""
    return start + " L".join(f"{x:.2f},{y:.3f}" for x, y in points)


def areas(title: str, times_s: Sequence[float], layers: Iterable[tuple[str, Sequence[float]]], write: Write,
          seconds: Write, base: int = 10, stacked: bool = True) -> Any:
    """Areas over time, each upon the one before; or (stacked=False) lines. layers: (CSS class, values)."""
    first_s, span_s = times_s[0], max(times_s[-1] - times_s[0], 1e-9)
    edges, floor = [], [0.0] * len(times_s)
    for kind, values in layers:
        ceiling = [low + value for low, value in zip(floor, values)] if stacked else list(values)
        edges.append((kind, floor, ceiling))
        floor = ceiling if stacked else floor
    top = round_up(max(max(ceiling) for _, _, ceiling in edges), base)

    def outline(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(1000 * (at - first_s) / span_s, 100 - 100 * value / top) for at, value in zip(times_s, values)]

    shapes = []
    for kind, low, high in edges:
        if stacked:
            shapes.append((f"area {kind}", path(outline(high)) + " " + path(outline(low)[::-1], "L") + " Z"))
        shapes.append((f"line {kind}", path(outline(high))))
    return parts.areas(title, shapes, [write(value) for value in (top, top / 2, 0)],
                       [seconds(first_s + span_s * share) for share in (0, 0.5, 1)])


def spans(title: str, rows: Iterable[tuple[Any, list[tuple[float, float]], str]], end_s: float,
          seconds: Write) -> Any:
    """For each row the times from 0 to end_s in which something held. rows: (label, [(from, to)], text at the end)."""
    lines = [(label, [("i", "", part(begin, end_s), part(end - begin, end_s), f"{seconds(begin)} to {seconds(end)}")
                      for begin, end in periods], text) for label, periods, text in rows]
    return parts.rows(title, "span", lines, [seconds(end_s * share) for share in (0, 0.5, 1)])


def strips(title: str, rows: Iterable[tuple[Any, list[float], float | None]], write: Write) -> Any:
    """For each row its samples as dots from 0 on, and a mark at their median. rows: (label, samples, median)."""
    rows = list(rows)
    top = max((max(samples) for _, samples, _ in rows if samples), default=0) * 1.04

    def marks(samples: list[float], median: float | None) -> list[Any]:
        dots: list[Any] = [("i", "dot", part(value, top), None, write(value)) for value in samples]
        return dots if median is None else [("b", "", None, part(median, top), write(median)), *dots]

    return parts.rows(title, "strip", [
        (label, marks(samples, median), "no figure" if median is None else write(median))
        for label, samples, median in rows])


def flame(title: str, root: Node, write: Write, kind_of: Callable[[Frame], str]) -> Any:
    """A flame graph of a tree of calls: outermost callers on top, widths to scale. kind_of: a frame's CSS class."""
    boxes = []
    waiting = [(root, 0.0, 0)]
    while waiting:
        node, left, depth = waiting.pop()
        if node.value < LEAST_SHARE * root.value:
            continue
        name = node.frame.function if node.frame else "all"
        about = f"{name}\n{write(node.value)}, {100 * node.value / root.value:.1f} %"
        if node.frame:
            about += f"\n{node.frame.place or node.frame.module}"
        boxes.append((kind_of(node.frame) if node.frame else "frame-all", left / root.value, node.value / root.value,
                      depth, name, about))
        for child in sorted(node.children.values(), key=lambda each: each.value):
            waiting.append((child, left, depth + 1))
            left += child.value
    return parts.flame(title, boxes, 1 + max(depth for _, _, _, depth, _, _ in boxes))

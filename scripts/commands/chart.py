"""Charts as HTML and SVG: stacked bars, areas over time, spans over time, strips of dots.

Text is HTML beside the drawing, never inside it, so that it keeps its size on a narrow screen.
"""

import math

from .markup import element, joined


def percent(part, whole):
    """A CSS length."""
    return f"{100 * part / whole if whole else 0:.3f}%"


def legend(names):
    """What the colours mean. names: (CSS class, text)."""
    return element("ul", *(element("li", element("i", class_=f"key {kind}"), text) for kind, text in names),
                   class_="legend")


def bar(values, whole, title):
    """One stacked bar. values: (CSS class, number, what the number says)."""
    parts = [element("i", class_=kind, style=f"width:{percent(value, whole)}", title=text)
             for kind, value, text in values if value > 0]
    return element("span", *parts, class_="bar", role="img", aria_label=title)


def bars(title, rows, to_scale=True):
    """Stacked bars below each other. rows: (label, values as of bar, text at the end). to_scale: of the longest row,
    else each fills its line."""
    longest = max((sum(value for _, value, _ in values) for _, values, _ in rows), default=0)
    lines = []
    for label, values, text in rows:
        whole = longest if to_scale else sum(value for _, value, _ in values)
        lines.append(element("div", element("span", label, class_="label"), bar(values, whole, f"{label}: {text}"),
                             element("span", text, class_="value"), class_="row"))
    return element("div", *lines, class_="bars", role="group", aria_label=title)


def round_up(value, base=10):
    """The next number that reads well: 1, 2 or 5 times a power of ten, or a power of two of bytes (base 2)."""
    if value <= 0:
        return 1
    if base == 2:
        return 2 ** math.ceil(math.log2(value))
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def outline(points, top, first_s, span_s):
    """SVG coordinates of (seconds, value) points in a drawing of 1000 by 100."""
    return [(1000 * (at - first_s) / span_s, 100 - 100 * value / top) for at, value in points]


def path(points, start="M"):
    """An SVG path along points."""
    return start + " L".join(f"{x:.2f},{y:.3f}" for x, y in points)


def areas(title, times_s, layers, unit, seconds, base=10, stacked=True):
    """Areas over time, each upon the one before; or (stacked=False) lines. layers: (CSS class, values).
    unit, seconds: how values and times are written."""
    first_s, span_s = times_s[0], max(times_s[-1] - times_s[0], 1e-9)
    floor, shapes, highest = [0.0] * len(times_s), [], 0.0
    tops = []
    for _, values in layers:
        ceiling = [low + value for low, value in zip(floor, values)] if stacked else list(values)
        tops.append((floor, ceiling))
        highest = max(highest, *ceiling)
        floor = ceiling if stacked else floor
    top = round_up(highest, base)
    for (kind, _), (low, high) in zip(layers, tops):
        edge = outline(list(zip(times_s, high)), top, first_s, span_s)
        if stacked:
            foot = outline(list(zip(times_s, low)), top, first_s, span_s)
            shapes.append(element("path", class_=f"area {kind}", d=path(edge) + " " + path(foot[::-1], "L") + " Z"))
        shapes.append(element("path", class_=f"line {kind}", d=path(edge)))
    grid = [element("path", class_="grid", d=f"M0,{y} L1000,{y}") for y in (0, 50, 100)]
    drawing = element("svg", *grid, *shapes, viewBox="0 0 1000 100", preserveAspectRatio="none", role="img",
                      aria_label=title)
    ticks_y = element("div", *(element("span", unit(value)) for value in (top, top / 2, 0)), class_="ticks-y")
    ticks_x = element("div", *(element("span", seconds(first_s + span_s * part)) for part in (0, 0.5, 1)),
                      class_="ticks-x")
    return element("div", ticks_y, element("div", drawing, class_="plot"), ticks_x, class_="areas")


def spans(title, rows, end_s, seconds):
    """For each row the times from 0 to end_s in which something held. rows: (label, [(from, to)], text at the end)."""
    lines = []
    for label, periods, text in rows:
        marks = [element("i", style=f"left:{percent(begin, end_s)};width:{percent(end - begin, end_s)}",
                         title=f"{seconds(begin)} to {seconds(end)}") for begin, end in periods]
        lines.append(element("div", element("span", label, class_="label"),
                             element("span", *marks, class_="span", role="img", aria_label=f"{label}: {text}"),
                             element("span", text, class_="value"), class_="row"))
    axis = element("div", element("span", class_="label"),
                   element("span", *(element("span", seconds(end_s * part)) for part in (0, 0.5, 1)), class_="ticks-x"),
                   element("span", class_="value"), class_="row axis")
    return element("div", *lines, axis, class_="bars", role="group", aria_label=title)


def strips(title, rows, unit):
    """For each row its samples as dots from 0 on, and a mark at their median. rows: (label, samples, median)."""
    top = max((max(samples) for _, samples, _ in rows if samples), default=0) * 1.04
    lines = []
    for label, samples, median in rows:
        dots = [element("i", class_="dot", style=f"left:{percent(value, top)}", title=unit(value)) for value in samples]
        marks = [] if median is None else [element("b", style=f"width:{percent(median, top)}"), *dots]
        text = "no figure" if median is None else unit(median)
        lines.append(element("div", element("span", label, class_="label"),
                             element("span", *marks, class_="strip", role="img", aria_label=f"{label}: {text}"),
                             element("span", text, class_="value"), class_="row"))
    return element("div", *lines, class_="bars", role="group", aria_label=title)


def flame(title, root, unit, kind_of, least=0.0015):
    """A flame graph of a tree with .value, .children and .frame: outermost callers on top, widths to scale.
    kind_of(frame) is its CSS class. Subtrees below the share `least` are left out, as they would be invisible."""
    frames, deepest = [], 0
    waiting = [(root, 0.0, 0)]
    while waiting:
        node, left, depth = waiting.pop()
        if node.value < least * root.value:
            continue
        deepest = max(deepest, depth)
        name = node.frame.function if node.frame else "all"
        about = f"{name}\n{unit(node.value)}, {100 * node.value / root.value:.1f} %"
        if node.frame:
            about += f"\n{node.frame.place or node.frame.module}"
        frames.append(element(
            "div", element("bdi", name), class_=kind_of(node.frame) if node.frame else "frame-all", title=about,
            data_left=f"{left / root.value:.6f}", data_width=f"{node.value / root.value:.6f}",
            style=f"left:{percent(left, root.value)};width:{percent(node.value, root.value)};top:{depth * 1.5}rem"))
        for child in sorted(node.children.values(), key=lambda each: each.value):
            waiting.append((child, left, depth + 1))
            left += child.value
    graph = element("div", *frames, class_="flame", style=f"height:{(deepest + 1) * 1.5}rem", role="img",
                    aria_label=title)
    return joined([element("p", class_="flame-about", aria_live="polite"),
                   element("div", graph, class_="flame-box", tabindex="0", role="region", aria_label=title)])

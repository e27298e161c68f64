"""Statistics as Prometheus reads them: the text format of the node exporter's textfile collector.

Names, kinds and help come from the schema. Units are the format's own: bytes and seconds.
"""

from collections.abc import Callable, Iterator

from .dump import Dump, Row
from .schema import counters

PREFIX = "tidepool_"
NS = "_ns"

# Those of a sum that are no counter of the schema.
OWN_METRICS: tuple[tuple[str, str, Callable[[Dump], float]], ...] = (
    ("processes", "processes that these figures are of", lambda total: total.processes),
    ("peak_rss_max_bytes", "the most memory that one of the processes had resident",
     lambda total: total.peak_rss_bytes),
    ("peak_rss_sum_bytes", "the sum of the most memory that each of the processes had resident",
     lambda total: total.peak_rss_sum_bytes),
)


def label(name: str, value: object) -> str:
    """One label, with what the format wants escaped."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}="{escaped}"'


def add(metrics: dict[str, list[str]], name: str, kind: str, help_text: str, labels: list[str], value: float) -> None:
    """Add a sample to those of its metric. A counter's name gets its ending here, and nanoseconds become seconds."""
    if name.endswith(NS):
        name, value = name[:-len(NS)] + "_seconds", value / 1e9
        help_text = help_text.replace("nanoseconds", "seconds")
    name = PREFIX + name + ("_total" if kind == "counter" else "")
    kind = "counter" if kind == "counter" else "gauge"
    lines = metrics.setdefault(name, [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"])
    lines.append(f"{name}{{{','.join(labels)}}} {value}")


def rows_of(total: Dump) -> Iterator[tuple[object, Row]]:
    """(class, row) of each class; what the totals have beyond all classes, as frees in count mode, is of none."""
    yield from sorted(total.classes.items())
    beyond = {counter.name: total.totals[counter.name] - sum(row[counter.name] for row in total.classes.values())
              for counter in counters("totals") if not counter.group_help}
    if any(beyond.values()):
        yield "unknown", beyond


def write(total: Dump) -> str:
    """A sum in the text format."""
    metrics: dict[str, list[str]] = {}  # in the order they came, each with its samples together, as the format demands
    for program, each in total.by_program.items():
        of_program = label("program", program)
        for size, row in rows_of(each):
            labels = [of_program, label("class", size)]
            for counter in counters("totals"):
                if counter.group_help:
                    add(metrics, counter.name.partition(".")[0], counter.kind, counter.group_help,
                        [*labels, label("source", counter.short)], row.get(counter.name, 0))
                else:
                    add(metrics, counter.name, counter.kind, counter.help, labels, row[counter.name])
        for part, values in (("large", each.large), ("turn", each.turn)):
            for counter in counters(part):
                add(metrics, f"{part}_{counter.name}", counter.kind, counter.help, [of_program], values[counter.name])
        for name, help_text, value_of in OWN_METRICS:
            add(metrics, name, "level", help_text, [of_program], value_of(each))
    return "".join(line + "\n" for lines in metrics.values() for line in lines)

"""Statistics as Prometheus reads them: the text format of the node exporter's textfile collector.

Names, kinds and help come from the schema. Units are the format's own: bytes and seconds.
"""

from .schema import value_at

PREFIX = "tidepool_"
NS = "_ns"

OWN_METRICS = (  # those of a sum that are no counter of the schema
    ("processes", "processes that these figures are of", lambda total: total["processes"]),
    ("peak_rss_max_bytes", "the most memory that one of the processes had resident",
     lambda total: total["peak_rss_bytes"]["max"]),
    ("peak_rss_sum_bytes", "the sum of the most memory that each of the processes had resident",
     lambda total: total["peak_rss_bytes"]["sum"]),
)


def label(name, value):
    """One label, with what the format wants escaped."""
    value = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}="{value}"'


class Metrics:
    """Metrics in the order they came, each with its samples together, as the format demands."""

    def __init__(self):
        self.metrics = {}

    def add(self, name, kind, help_text, labels, value):
        """Add a sample; a counter's name gets its ending here, and nanoseconds become seconds."""
        if name.endswith(NS):
            name, value = name[:-len(NS)] + "_seconds", value / 1e9
            help_text = help_text.replace("nanoseconds", "seconds")
        name = PREFIX + name + ("_total" if kind == "counter" else "")
        kind = "counter" if kind == "counter" else "gauge"
        lines = self.metrics.setdefault(name, [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"])
        lines.append(f"{name}{{{','.join(labels)}}} {value}")

    def text(self):
        return "".join(line + "\n" for lines in self.metrics.values() for line in lines)


def rows_of(total, schema):
    """(class, row) of each class; what the totals have beyond all classes, as frees in count mode, is of none."""
    yield from ((row["size"], row) for row in total["classes"])
    beyond = {path: value_at(total["totals"], path) - sum(value_at(row, path) for row in total["classes"])
              for path, _ in schema.counters("totals") if len(path) == 1}
    if any(beyond.values()):
        yield "unknown", {name: value for (name,), value in beyond.items()}


def write(total, schema):
    """A sum of sums.add_up in the text format."""
    metrics = Metrics()
    for program, each in total["by_program"].items():
        of_program = label("program", program)
        for size, row in rows_of(each, schema):
            labels = [of_program, label("class", size)]
            for path, counter in schema.counters("totals"):
                value = value_at(row, path)
                if len(path) == 1:
                    metrics.add(path[0], counter["x-kind"], counter["description"], labels, value)
                else:
                    group, source = path
                    metrics.add(group, counter["x-kind"], schema.group_help(group),
                                [*labels, label("source", source)], value)
        for part in ("large", "turn"):
            for path, counter in schema.counters(part):
                metrics.add(f"{part}_{path[0]}", counter["x-kind"], counter["description"], [of_program],
                            value_at(each[part], path))
        for name, help_text, value_of in OWN_METRICS:
            metrics.add(name, "level", help_text, [of_program], value_of(each))
    return metrics.text()

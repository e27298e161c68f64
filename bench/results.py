"""The figures of every run, what is computed from them, and the JSON file that holds them.

A ratio is taken within a round, where both were measured seconds apart, and is the median of those; so it may
differ a little from the quotient of two medians.
"""

import json
import statistics

import field


class Results:
    """Figures by program, row, allocator and round; rounds without a result are left out.

    about: what else the JSON file holds, as a dict: the machine, the options, the allocators, the failures.
    """

    def __init__(self, about=None):
        self.about = about or {}
        self.runs = []
        self._cells = {}

    def add(self, program, row, allocator, round_number, position, figures):
        """Take one run's figures; program and allocator by name."""
        self.runs.append({"program": program, "row": row, "allocator": allocator, "round": round_number,
                          "position": position, **figures})
        self._cells.setdefault((program, row, allocator), {})[round_number] = figures

    def rows(self, program):
        """Return the rows that were run, in the order they were."""
        return list(dict.fromkeys(run["row"] for run in self.runs if run["program"] == program))

    def names(self, program):
        """Return the allocators that have a figure in this program, in column order."""
        ran = {run["allocator"] for run in self.runs if run["program"] == program}
        return [name for name in self.about["allocators"] if name in ran]

    def values(self, program, row, name, key):
        """Return {round: figure}."""
        cells = self._cells.get((program, row, name), {})
        return {when: figures[key] for when, figures in cells.items() if key in figures}

    def median(self, program, row, name, key):
        values = self.values(program, row, name, key)
        return statistics.median(values.values()) if values else None

    def ratios(self, program, row, name, other, key):
        """Return (median, lowest, highest) of name's figure over other's in the same round, or None."""
        above, below = self.values(program, row, name, key), self.values(program, row, other, key)
        quotients = [above[when] / below[when] for when in above if below.get(when)]
        return (statistics.median(quotients), min(quotients), max(quotients)) if quotients else None

    def _lowest(self, program, row, key, names):
        medians = [(self.median(program, row, name, key), name) for name in names]
        return min((pair for pair in medians if pair[0] is not None), default=(None, None))[1]

    def best_peer(self, program, row, key):
        """Return the name of the peer with the lowest median, or None."""
        return self._lowest(program, row, key, field.PEERS)

    def best_other(self, program, row, key, name):
        """Return the name with the lowest median among the peers and Tidepool, `name` itself left out, or None."""
        return self._lowest(program, row, key, [one for one in (*field.PEERS, field.TIDEPOOL) if one != name])

    def geometric_mean(self, program, rows, name, other, key):
        """Return (mean of the rows' ratios, how many rows had one); `other` is a name, or a function of the row."""
        return self.mean_of([(program, row) for row in rows], name, other, key)

    def mean_of(self, rows, name, other, key):
        """Return the same for rows of several programs, as (program, row)."""
        found = [self.ratios(program, row, name, other(row) if callable(other) else other, key)
                 for program, row in rows]
        return geometric_mean(found)

    def write(self, path):
        with open(path, "w") as file:
            json.dump({**self.about, "runs": self.runs}, file, indent=1)
            file.write("\n")


def geometric_mean(found):
    """Return (the mean of the medians of ratios(), how many there were); those that are None or 0 are left out."""
    medians = [ratios[0] for ratios in found if ratios and ratios[0] > 0]
    return (statistics.geometric_mean(medians), len(medians)) if medians else (None, 0)


def read(path):
    """Return the Results of a file that write() made; raises ValueError where it is none."""
    with open(path) as file:
        about = json.load(file)
    try:
        results, runs = Results(about), about.pop("runs")
        for run in runs:
            figures = {key: value for key, value in run.items()
                       if key not in ("program", "row", "allocator", "round", "position")}
            results.add(run["program"], run["row"], run["allocator"], run["round"], run["position"], figures)
        about["allocators"], about["programs"]
    except (AttributeError, KeyError, TypeError):
        raise ValueError("not a file that bench/run wrote") from None
    return results

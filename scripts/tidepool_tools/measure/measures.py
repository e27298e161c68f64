"""What `tidepool compare` measures: each figure's name and unit, and how the statistics give those that they give."""

from dataclasses import dataclass

from ..stats.dump import Dump

COUNT, BYTES, SECONDS = "count", "bytes", "seconds"


@dataclass(frozen=True)
class Measure:
    """A figure: its name in the data, what the table calls it, its unit, whether it differs between runs by chance."""
    key: str
    label: str
    unit: str
    tested: bool = True


MEASURES = (
    Measure("requests", "allocation requests", COUNT, False),
    Measure("requested_bytes", "bytes they asked for", BYTES, False),
    Measure("backend_requests", "reached the backend", COUNT),
    Measure("backend_bytes", "bytes from the backend", BYTES),
    Measure("hits_local", "  served by the stack", COUNT, False),
    Measure("hits_overflow", "  by the overflow", COUNT, False),
    Measure("hits_stolen", "  by another CPU's", COUNT, False),
    Measure("hits_victim", "  by the victim", COUNT, False),
    Measure("from_slab", "  by a slab", COUNT, False),
    Measure("wall_s", "time", SECONDS),
    Measure("cpu_s", "CPU time", SECONDS),
    Measure("user_s", "  in the program", SECONDS),
    Measure("system_s", "  in the kernel", SECONDS),
    Measure("peak_rss_bytes", "peak memory", BYTES),
    Measure("minor_faults", "page faults, minor", COUNT),
    Measure("major_faults", "page faults, major", COUNT),
    Measure("voluntary_switches", "context switches, own", COUNT),
    Measure("involuntary_switches", "  forced", COUNT),
    Measure("processes", "processes counted", COUNT, False),
)

NOTES = (
    "reached the backend: of every allocator but Tidepool each request, as the counted run counts them; of Tidepool\n"
    "  from_slab + large.gets + unpooled + backend_calls: requests no pool could serve (each brings a batch of a\n"
    "  slab), those over the largest pooled size, those passed on, and slabs taken from and given to the backend",
    "bytes from the backend: what those requests asked for; of Tidepool the slabs and the rest of them",
    "CPU time, faults and switches: of the command and all its children; peak memory: of the largest of them",
)


def counted(total: Dump) -> dict[str, float]:
    """The figures of a run in count mode, from the sum of its dumps."""
    totals, large = total.totals, total.large
    asked = totals["unpooled_bytes"] + large["bytes"]
    requests = totals["gets"] + large["gets"]
    return {"requests": requests, "requested_bytes": asked, "backend_requests": requests, "backend_bytes": asked}


def pooled(total: Dump) -> dict[str, float]:
    """The figures of a run with pools, from the sum of its dumps."""
    totals, large = total.totals, total.large
    return {
        "requests": totals["gets"] + large["gets"],
        "backend_requests": totals["from_slab"] + large["gets"] + totals["unpooled"] + totals["backend_calls"],
        "backend_bytes": totals["backend_bytes"] + large["bytes"] + totals["unpooled_bytes"],
        "from_slab": totals["from_slab"],
        **{name.replace(".", "_"): hits for name, hits in totals.items() if name.startswith("hits.")},
    }

"""Dumps: read strictly and leniently, in today's names and in those of version 1, added up and written again."""

import json

import pytest
from tidepool_tools.stats import names
from tidepool_tools.stats.dump import NotADump, hits, nested, pooled, read, read_lines
from tidepool_tools.stats.schema import counters
from tidepool_tools.stats.sums import add_up, lives


def row(part, value):
    """All counters of a part, as the JSON has them."""
    return nested({counter.name: value for counter in counters(part)})


def raw_dump(gets=1, pid=1, program="one", uptime_s=5, size=64, **more):
    """A dump as the library writes it, whose counters are all `gets`."""
    return {"schema": 2, "version": "1", "pid": pid, "program": program, "uptime_s": uptime_s, "mode": "pool",
            "cache_guard": "rseq", "caches": 1, "totals": row("totals", gets),
            "classes": [{"size": size, **row("totals", gets), "policy": {"mode": "auto", "admitted": True, "since_s": 1,
                                                                        "why": "rate", "capacity": 9}}],
            "large": row("large", gets), "turn": row("turn", gets), "changes": [], "started_s": 7,
            "peak_rss_bytes": gets * 1000, **more}


def older(value):
    """A dump in the names of version 1, made by hand."""
    text = json.dumps(value).replace('"schema": 2, ', "")
    for old, new in (("cpu", "cache_guard"), ("tide", "turn"), ("primary", "local"), ("news", "from_slab"),
                     ("drops", "spilled")):
        text = text.replace(f'"{new}"', f'"{old}"')
    return json.loads(text)


def test_a_dump_has_every_counter_under_its_name():
    dump = read(raw_dump(3))
    assert dump.totals["hits.local"] == dump.totals["from_slab"] == dump.large["gets"] == dump.turn["turns"] == 3
    assert hits(dump.totals) == 12 and pooled(dump.totals) == 0
    assert (dump.program, dump.pid, dump.cache_guard, dump.policies[0].why) == ("one", 1, "rseq", "rate")


def test_the_older_names_are_read_and_no_others():
    assert read(older(raw_dump(3))) == read(raw_dump(3))
    assert set(names.OLD.values()) <= {"cache_guard", "turn"} | {counter.short for counter in counters("totals")}
    # With a number, the names are what they are: these are unknown, and the known ones missing.
    with pytest.raises(NotADump):
        read({**older(raw_dump(3)), "schema": 2})


def test_a_programs_name_is_no_counters_name():
    total = add_up([read(raw_dump(3, program="news")), read(raw_dump(4, program="primary"))]).data()
    assert set(read(older(total)).by_program) == {"news", "primary"}


def test_what_an_older_library_did_not_count_is_zero_and_what_a_newer_one_counts_is_added():
    raw = raw_dump(3)
    del raw["totals"]["inherited"]
    raw["totals"]["dreamt"] = 5
    raw["totals"]["hits"]["found"] = 2
    total = add_up([read(raw), read(raw_dump(4))])
    assert total.totals["inherited"] == 4 and total.totals["dreamt"] == 5 and hits(total.totals) == 4 * 7 + 2
    assert total.data()["totals"]["hits"]["found"] == 2


@pytest.mark.parametrize("wrong", [
    {"totals": 3}, {"totals": {"hits": 5}}, {"classes": {}}, {"classes": [7]}, {"uptime_s": "5"}, {"pid": None},
    {"peak_rss_bytes": -1}, {"large": {"gets": float("inf")}}, {"turn": {"turns": True}}, {"program": 7}])
def test_what_is_not_whole_is_no_dump_but_can_be_shown(wrong):
    with pytest.raises(NotADump):
        read({**raw_dump(), **wrong})
    assert isinstance(read({**raw_dump(), **wrong}, strict=False).totals["gets"], int)


def test_lines_that_are_no_dumps_are_named():
    lines = [json.dumps(raw_dump()), "", "{", "[1]", json.dumps({"classes": []})]
    dumps, wrong = read_lines(lines)
    assert len(dumps) == 1 and [number for number, _ in wrong] == [3, 4, 5]
    dumps, wrong = read_lines(lines, strict=False)
    assert len(dumps) == 2 and [number for number, _ in wrong] == [3, 4]


def test_a_process_is_told_by_its_program_pid_start_and_age():
    dumps = [read(raw_dump(*each)) for each in (
        (10, 1, "one", 5), (100, 2, "two", 5), (20, 1, "one", 6), (5, 1, "one", 2), (100, 2, "other", 7))]
    found = [[dump.totals["gets"] for dump in life] for life in lives(dumps)]
    assert sorted(found) == [[5], [10, 20], [100], [100]] and found[0] == [100] and found[-1] == [5]
    assert len(lives([read(raw_dump(1)), read(raw_dump(2, started_s=8))])) == 2


def test_sums_add_and_can_be_added_again():
    one, two, three = read(raw_dump(10)), read(raw_dump(100, 2, "two")), read(raw_dump(1000, 1, "one", 9, 128))
    total = add_up([one, two, three])
    data = total.data()
    assert data["totals"]["gets"] == 1110 and data["totals"]["hits"] == dict.fromkeys(
        ("local", "overflow", "stolen", "victim"), 1110)
    assert [(each["size"], each["gets"]) for each in data["classes"]] == [(64, 110), (128, 1000)]
    assert data["peak_rss_bytes"] == {"max": 1000000, "sum": 1110000} and data["pids"] == [1, 1, 2]
    assert (data["program"], data["processes"], data["uptime_s"]) == (["one", "two"], 3, 9)
    assert data["by_program"]["one"]["totals"]["gets"] == 1010
    again = add_up([read(json.loads(json.dumps(add_up([one, two]).data()))), three])
    assert again.data() == data

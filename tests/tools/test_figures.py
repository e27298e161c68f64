"""Figures as people read them."""

import pytest
from tidepool_tools.base import figures


@pytest.mark.parametrize("write, value, text", [
    (figures.bytes_text, 512, "512 B"), (figures.bytes_text, 3277, "3.2 KiB"), (figures.bytes_text, 65536, "64 KiB"),
    (figures.bytes_text, -18.5 * 2**20, "-18.5 MiB"), (figures.bytes_text, 2**50, "1024 TiB"),
    (figures.bytes_text, 0, "0 B"), (figures.size_text, 1280, "1,280 B"), (figures.size_text, 4096, "4 KiB"),
    (figures.count_text, 1359744, "1,359,744"), (figures.short_text, 982, "982"), (figures.short_text, 12800, "12.8 k"),
    (figures.short_text, 999600, "1 M"), (figures.short_text, 2110000, "2.11 M"), (figures.short_text, 5e12, "5000 G"),
    (figures.seconds_text, 0, "0 s"), (figures.seconds_text, 0.00025, "0.25 ms"), (figures.seconds_text, 0.25, "0.250 s"),
    (figures.seconds_text, 303, "5 min 3 s"), (figures.seconds_text, 11220, "3 h 7 min")])
def test_one_number(write, value, text):
    assert write(value) == text


def test_two_numbers():
    assert figures.share_text(1, 3) == "33.3 %" and figures.share_text(1, 3, 0) == "33 %"
    assert figures.share_text(1, 0) == "-"
    assert figures.change_text(8, 9) == "+12.5 %" and figures.change_text(8, 7) == "-12.5 %"
    assert figures.change_text(1, 48) == "48 x" and figures.change_text(0, 1) == "-"
    assert figures.short_text(1.36e6, "") == "1.36M" and figures.short_text(982) == "982"
    assert figures.plural(1, "run") == "1 run" and figures.plural(1200, "process", "es") == "1,200 processes"


def test_a_name_steers_nothing():
    assert figures.printable("\x1b[2Jone\u202e") == "?[2Jone?"

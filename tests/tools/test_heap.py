"""Heap profiles: every format that is read, what samples stand for, and which function an address is named by."""

import math
import subprocess

import pytest
from tidepool_tools.heap.calls import by_caller, call_tree, named
from tidepool_tools.heap.mappings import Mappings, Place
from tidepool_tools.heap.profile import Malformed, Profile, add_file, is_profile, read_text
from tidepool_tools.heap.symbols import Frame, Symbols

MAPS = "MAPPED_LIBRARIES:\n1000-3000 r-xp 00000400 00:01 1 /bin/one\n5000-6000 rw-p 00000000 00:00 0 \n"
STACK = (Place("/bin/one", 0x1000 - 1 + 0x400), Place("/bin/one", 0x1010 - 1 + 0x400))


def test_every_format():
    one_line = f"heap profile: 1: 64 [2: 128] @ heap_v2/1\n1: 64 [2: 128] @ 0x2000 0x2010\n\n{MAPS}"
    two_lines = f"heap_v2/1\n t*: 1: 64 [2: 128]\n@ 0x2000 0x2010\n t*: 1: 64 [2: 128]\n t7: 1: 64 [2: 128]\n{MAPS}"
    whole = one_line.replace("heap_v2/1", "heapprofile")
    for text in (one_line, two_lines, whole):
        assert is_profile(text)
        [site] = read_text(text).sites.values()
        assert (site.stack, site.live_objects, site.live_bytes, site.all_objects, site.all_bytes) == (STACK, 1, 64, 2, 128)


@pytest.mark.parametrize("text", ["", "something\n", "heap profile: 0: 0 [0: 0] @ heap_v2/1\n", "heap_v2/1\n1: 1 [1: 1] @ x\n"])
def test_what_is_no_profile(text):
    with pytest.raises(Malformed):
        read_text(text)


def test_samples_stand_for_more_each_pair_by_its_own_size():
    text = f"heap profile: 1: 4096 [3: 3000] @ heap_v2/524288\n1: 4096 [3: 3000] @ 0x2000\n{MAPS}"
    [site] = read_text(text).sites.values()
    assert site.live_bytes == pytest.approx(4096 / (1 - math.exp(-4096 / 524288)))
    assert site.all_objects == pytest.approx(3 / (1 - math.exp(-1000 / 524288)))


def test_the_sidecar_has_the_same_and_who_served(tmp_path):
    path = tmp_path / "heap"
    path.write_text(f"heap profile: 1: 64 [9: 576] @ heap_v2/1\n{MAPS}")
    for pool in ("local", "primary"):
        (tmp_path / "heap.sites.json").write_text(
            '{"every":1,"unwind":"fp","left_out":{"objects":0},"sites":[{"stack":["0x2000","0x2010"],"in_use":[1,64],'
            f'"allocated":[9,576],"{pool}":[4,256],"overflow":[1,64],"stolen":[0,0],"victim":[0,0],"slab":[4,256]}}]}}')
        profile = Profile()
        assert add_file(str(path), profile)["unwind"] == "fp"
        site = profile.sites[STACK]
        assert (site.all_objects, site.live_bytes, site.pooled_objects, site.gain) == (9, 64, 5, 4)
    add_file(str(path), profile)
    assert profile.sites[STACK].all_objects == 18


def test_an_address_is_in_its_mapping_or_in_none():
    mappings = Mappings(MAPS.splitlines())
    assert mappings.place(0x2fff) == Place("/bin/one", 0x23ff) and mappings.place(0x5000) == Place("[anonymous]", 0)
    assert mappings.place(0x3000) == Place("[unknown]", 0x3000) == mappings.place(0x3000)


@pytest.fixture(name="program", scope="module")
def build(tmp_path_factory):
    """A program with an inlined function, and the offsets of its symbols."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "site.cpp").write_text("""
volatile int sink;
static inline __attribute__((always_inline)) void inner() { sink = 1; }
namespace space { __attribute__((noinline)) void outer() { inner(); sink = 2; } }
int main() { space::outer(); }
""")
    for name, flags in (("debug", ["-g"]), ("plain", []), ("stripped", ["-s"])):
        subprocess.run(["g++", "-O1", *flags, "-o", folder / name, folder / "site.cpp"], check=True)
    listing = subprocess.run(["nm", folder / "debug"], check=True, capture_output=True, text=True).stdout
    address = next(int(line.split()[0], 16) for line in listing.splitlines() if line.endswith("outer" + "Ev"))
    return folder, address


def frames(path, address):
    """The frames at an address, which is the same as the offset in so small a program."""
    symbols = Symbols()
    symbols.load([Place(str(path), address)])
    assert not symbols.complaints
    return symbols.frames([Place(str(path), address)])


def test_names_have_lines_where_there_is_debug_information(program):
    folder, address = program
    found = frames(folder / "debug", address)
    assert found[-1] == Frame("space::outer()", f"{folder}/site.cpp:4", "debug")
    assert [frame.place for frame in found[:-1]] == [f"{folder}/site.cpp:3"]  # what was inlined there


def test_without_it_a_name_is_that_of_the_symbol_around(program):
    folder, address = program
    assert frames(folder / "plain", address + 1) == [Frame("space::outer()", "", "plain")]
    assert frames(folder / "stripped", address + 1) == [Frame(f"stripped+{address + 1:#x}", "", "stripped")]
    # Between functions there is none, though addr2line would name the one before.
    assert frames(folder / "plain", 0x3f0) == [Frame("plain+0x3f0", "", "plain")]
    assert frames("/not/there", 16) == [Frame("there+0x10", "", "there")]


def test_calls_leave_the_allocator_out_and_add_up():
    text = (f"heap profile: 3: 96 [3: 96] @ heap_v2/1\n1: 32 [1: 32] @ 0x2000\n2: 64 [2: 64] @ 0x2010 0x2000\n{MAPS}")
    symbols = Symbols()
    malloc, one, main = Frame("malloc", "", "libtidepool.so"), Frame("one", "", "p"), Frame("main", "", "p")
    symbols.known = {STACK[0]: [malloc, one, main], STACK[1]: [one]}
    calls = named(read_text(text).sites.values(), symbols)
    assert [call.frames for call in calls] == [[one, main], [one, malloc, one, main]]
    root = call_tree(calls, "live_bytes")
    assert root.value == 96 and root.children["main", "p"].value == 96
    [(frame, objects, held, largest)] = by_caller(calls, "live_bytes")
    assert (frame, objects, held, largest) == (one, 3, 96, calls[1])

"""tidepool profile: run a command with the call-site profile on, and say where it allocates.

Every process that the command starts leaves a profile; the summary adds them up. What is written is sampled: the
numbers are estimates, better the more of the bytes a site has.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from ..base import output
from ..base.failure import CANNOT_RUN, Failure, NOT_FOUND, OWN_FAILURE, WRONG_USAGE, need
from ..base.figures import bytes_text, share_text
from ..heap.profile import Profile, SIDECAR_ENDING, add_file
from ..measure.library import PREFIX, own_environment
from ..measure.process import run_here
from ..stats.patterns import is_per_process, literal, matching
from .subcommand import Arguments, Subcommands

DESCRIPTION = "Run COMMAND with the Tidepool library preloaded and sample where it allocates; then print the call sites."

EPILOG = f"""\
The summary goes to standard error, the sites first that would gain most from pooling: many objects that are freed
again, and that no pool served. FILE is a heap profile that google-pprof, go tool pprof and jeprof read, of the
process that allocated most; with %p in its name, of each process.

exit status: that of COMMAND, 128 and the signal's number where one ended it; {WRONG_USAGE} wrong usage,
{OWN_FAILURE} no library or FILE cannot be written, {CANNOT_RUN} COMMAND cannot be run, {NOT_FOUND} COMMAND not found

examples:
  tidepool profile -- python3 program.py
  tidepool profile --every 64k -o redis.heap -- redis-server --port 7000
  go tool pprof -http=: /usr/bin/redis-server redis.heap
"""

SHOWN_SITES = 20
SHOWN_FRAMES = 5
CXX_LIBRARY = ("std::", "__gnu_cxx::", "void std::", "operator new")


def add(commands: Subcommands) -> None:
    """Add `tidepool profile`."""
    parser = commands.add("profile", execute, "run a command and say where it allocates",
                          "tidepool profile [options] -- COMMAND [ARG...]", DESCRIPTION, EPILOG)
    parser.add_argument("--every", metavar="BYTES", help="bytes between two samples on the average (512k)")
    parser.add_argument("--unwind", metavar="{unwind,fp}", help="take stacks by libunwind or by frame pointers (unwind)")
    parser.add_argument("-o", "--output", metavar="FILE", help="keep the heap profile")


def call_text(frames: list[str]) -> str:
    """The callers of a site, innermost first, from where the C++ library was called to allocate."""
    own = next((at for at, name in enumerate(frames) if not name.startswith(CXX_LIBRARY)), 0)
    return " < ".join(frames[own:own + SHOWN_FRAMES])


def summary(profile: Profile, processes: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of the summary."""
    from ..heap.calls import named  # Python may lack what reads symbols
    from ..heap.symbols import Symbols
    sites = profile.sites.values()
    ways = "/".join(sorted({fields["unwind"] for fields in processes}))
    yield (f"{len(processes)} processes, {len(sites)} call sites, about {bytes_text(profile.total('all_bytes'))} in "
           f"{profile.total('all_objects'):.0f} objects; a sample every {bytes_text(profile.rate_bytes)}, "
           f"stacks by {ways}")
    lost = sum(fields["left_out"]["objects"] for fields in processes)
    if lost:
        yield f"{lost} samples found no room in the tables and are missing"
    top = sorted(sites, key=lambda site: (-site.gain, -site.all_bytes))[:SHOWN_SITES]
    symbols = Symbols()
    calls = named(top, symbols)
    yield from symbols.complaints
    yield ""
    yield f"{'to gain':>12} {'objects':>12} {'bytes':>11} {'size':>9} {'pooled':>7} {'in use':>11}  call site"
    for call in calls:
        site = call.site
        yield (f"{site.gain:12.0f} {site.all_objects:12.0f} {bytes_text(site.all_bytes):>11} "
               f"{site.all_bytes / site.all_objects:9.0f} {share_text(site.pooled_objects, site.all_objects, 0):>7} "
               f"{bytes_text(site.live_bytes):>11}  {call_text([frame.function for frame in call.frames])}")


def report(paths: list[str], kept: str | None) -> None:
    """Print the summary of the profiles, and keep that of the process that allocated most as `kept`."""
    profile, processes, largest = Profile(), [], (0.0, "")
    for path in paths:
        before = profile.total("all_bytes")
        processes.append(add_file(path, profile))
        largest = max(largest, (profile.total("all_bytes") - before, path))
    if not processes:
        output.complain("no process of the command left a profile")
        return
    for line in summary(profile, processes):
        print(line, file=sys.stderr)
    for ending in ("", SIDECAR_ENDING) if kept else ():
        try:
            shutil.copyfile(largest[1] + ending, f"{kept}{ending}")
        except OSError as error:
            raise Failure(f"{kept}: {error.strerror}", OWN_FAILURE) from None


def execute(arguments: Arguments, words: list[str]) -> int:
    """Run the command under the profile, print the summary, pass the command's status on."""
    library = arguments.library()
    need("elftools")
    options = {"PROFILE_EVERY": arguments.every, "PROFILE_UNWIND": arguments.unwind}
    options = {PREFIX + name: value for name, value in options.items() if value is not None}
    if options:
        library.check(options)
    environment = own_environment()
    environment.update(options)
    environment["LD_PRELOAD"] = library.preload(environment)
    by_process = bool(arguments.output) and is_per_process(arguments.output)
    if arguments.output:
        output.check(arguments.output)
    with tempfile.TemporaryDirectory(prefix="tidepool-profile.") as folder:
        pattern = os.path.join(literal(os.getcwd() if by_process else folder),
                               arguments.output if by_process else "%p.heap")
        environment[PREFIX + "PROFILE"] = pattern
        before = matching(pattern)
        status = run_here(words, environment)
        # A profile without its sidecar is one that a process is writing, or could not write.
        paths = [path for path in matching(pattern) if path not in before and os.path.exists(path + SIDECAR_ENDING)]
        report(paths, arguments.output if not by_process else None)
    return status

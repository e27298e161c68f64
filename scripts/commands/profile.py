"""tidepool profile: run a command with the call-site profile on, and say where it allocates.

Every process that the command starts leaves a profile; the summary adds them up. What is written is sampled: the
numbers are estimates, better the more of the bytes a site has.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

from . import heap
from .library import CANNOT_RUN, Failure, NOT_FOUND, OWN_FAILURE, PREFIX, WRONG_USAGE, own_environment, preload
from .patterns import is_per_process, literal, matching
from .plain import in_bytes

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


def add(commands, shared, library):
    """Add `tidepool profile`."""
    del library
    parser = commands.add_parser("profile", parents=[shared], help="run a command and say where it allocates",
                                 usage="tidepool profile [options] -- COMMAND [ARG...]", description=DESCRIPTION,
                                 epilog=EPILOG)
    parser.add_argument("--every", metavar="BYTES", help="bytes between two samples on the average (512k)")
    parser.add_argument("--unwind", metavar="{unwind,fp}", help="take stacks by libunwind or by frame pointers (unwind)")
    parser.add_argument("-o", "--output", metavar="FILE", help="keep the heap profile")
    parser.set_defaults(execute=execute)


def run(words, environment):
    """Run the command to its end. Returns its exit status as a shell does."""
    # What the terminal sends is the command's business; its profile is still to be read.
    given = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGQUIT)}

    def restore_signals():
        for number, handler in given.items():
            signal.signal(number, handler)

    try:
        process = subprocess.Popen(words, env=environment, preexec_fn=restore_signals)
    except FileNotFoundError as error:
        reason = error.strerror if "/" in words[0] else "command not found"
        raise Failure(f"{words[0]}: {reason}", NOT_FOUND) from None
    except OSError as error:
        raise Failure(f"{words[0]}: {error.strerror}", CANNOT_RUN) from None
    status = process.wait()
    return 128 - status if status < 0 else status


def summary(sites, processes):
    """The lines of the summary."""
    every = max(fields["every"] for fields in processes)
    ways = "/".join(sorted({fields["unwind"] for fields in processes}))
    total = sum(site.bytes for site in sites)
    yield (f"{len(processes)} processes, {len(sites)} call sites, about {in_bytes(total)} in "
           f"{sum(site.objects for site in sites):.0f} objects; a sample every {in_bytes(every)}, stacks by {ways}")
    lost = sum(fields["left_out"]["objects"] for fields in processes)
    if lost:
        yield f"{lost} samples found no room in the tables and are missing"
    top = sorted(sites, key=lambda site: (-site.gain, -site.bytes))[:SHOWN_SITES]
    names = heap.Names()
    names.load(where for site in top for where in site.stack)
    yield ""
    yield f"{'to gain':>12} {'objects':>12} {'bytes':>11} {'size':>9} {'pooled':>7} {'in use':>11}  call site"
    for site in top:
        pooled = f"{100 * site.pooled_objects / site.objects:.0f} %"
        yield (f"{site.gain:12.0f} {site.objects:12.0f} {in_bytes(site.bytes):>11} {site.bytes / site.objects:9.0f} "
               f"{pooled:>7} {in_bytes(site.in_use_bytes):>11}  {' < '.join(names.of(site.stack)[:SHOWN_FRAMES])}")


def keep(paths, output):
    """Put the profile of the process that allocated most where -o says."""
    def allocated(path):
        sites = {}
        heap.read(path, sites)
        return sum(site.bytes for site in sites.values())

    largest = max(paths, key=allocated)
    try:
        shutil.copyfile(largest, output)
        shutil.copyfile(largest + heap.SIDECAR_ENDING, output + heap.SIDECAR_ENDING)
    except OSError as error:
        raise Failure(f"{output}: {error.strerror}", OWN_FAILURE) from None


def check_writable(output, by_process):
    """Failure where no profile can be written as -o says; leaves nothing behind."""
    try:
        if by_process:
            with tempfile.TemporaryFile(dir=os.path.dirname(output) or "."):
                return
        for path in (output, output + heap.SIDECAR_ENDING):
            was_there = os.path.lexists(path)
            with open(path, "ab"):
                pass
            if not was_there:
                os.unlink(path)
    except OSError as error:
        raise Failure(f"{output}: {error.strerror}", OWN_FAILURE) from None


def execute(arguments, library, words):
    """Run the command under the profile, print the summary, pass the command's status on."""
    if not words:
        raise Failure("no command: tidepool profile [options] -- COMMAND [ARG...]", WRONG_USAGE)
    options = {"PROFILE_EVERY": arguments.every, "PROFILE_UNWIND": arguments.unwind}
    options = {PREFIX + name: value for name, value in options.items() if value is not None}
    if options:
        library.check(options)
    environment = own_environment()
    environment.update(options)
    preload(environment, library.path)
    by_process = bool(arguments.output) and is_per_process(arguments.output)
    if arguments.output:
        check_writable(arguments.output, by_process)
    with tempfile.TemporaryDirectory(prefix="tidepool-profile.") as folder:
        pattern = os.path.join(literal(os.getcwd() if by_process else folder),
                               arguments.output if by_process else "%p.heap")
        environment[PREFIX + "PROFILE"] = pattern
        before = matching(pattern)
        status = run(words, environment)
        # A profile without its sidecar is one that a process is writing, or could not write.
        paths = [path for path in matching(pattern) if path not in before
                 if os.path.exists(path + heap.SIDECAR_ENDING)]
        report(paths, arguments.output if not by_process else None)
    return status


def report(paths, output):
    """Print the summary of the profiles, and keep one as `output`."""
    sites = {}
    processes = [heap.read(path, sites) for path in paths]
    if not processes:
        print("tidepool: no process of the command left a profile", file=sys.stderr)
        return
    for line in summary(list(sites.values()), processes):
        print(line, file=sys.stderr)
    if output:
        keep(paths, output)

"""One of tidepool's commands on each of several programs of the distribution: what compare.py and tune.py share."""

import argparse
import collections
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import measure

BENCH = os.path.dirname(os.path.abspath(__file__))
PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin"

# what: what it does, for people; needs: commands that must be installed; arguments: a function that makes, in a
# folder of its own, the arguments to tidepool's command, from "--" on the program's
Program = collections.namedtuple("Program", "what needs arguments")


def free_port():
    """Return a TCP port that nobody has."""
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def parse(command, doc, programs):
    """Return the options: rounds, only, build, json."""
    parser = argparse.ArgumentParser(prog="bench/%s.py" % command, description=doc, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="rounds, 1 to 99 (default 7)")
    parser.add_argument("--only", metavar="NAME", choices=programs, help="one of %s" % ", ".join(programs))
    parser.add_argument("--build", metavar="FOLDER", default=os.path.join(os.path.dirname(BENCH), "build"),
                        help="where the library was built (default build)")
    parser.add_argument("--json", metavar="FILE", help="where every sample goes (default bench/results/%s.json, "
                        "part-%s.json with --only)" % (command, command))
    options = parser.parse_args()
    if not options.json:
        name = "part-%s.json" if options.only else "%s.json"
        options.json = os.path.join(BENCH, "results", name % command)
    if not 1 <= options.rounds <= 99:
        parser.error("--rounds out of range")
    if not measure.can_write(options.json):
        parser.error("cannot write %s" % options.json)
    return options


def run(command, program, options):
    """Return what the command wrote of the program to its --json; raise subprocess.CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # a server may give up its rights
        path = os.path.join(folder, "figures.json")
        words = [os.path.join(os.path.dirname(BENCH), "scripts", "tidepool"), command,
                 "--library", os.path.join(os.path.abspath(options.build), "libtidepool.so"),
                 "--rounds", str(options.rounds), "--json", path, *program.arguments(folder)]
        with subprocess.Popen(words, env={**os.environ, "PATH": PATH}, cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL) as child:
            try:
                child.wait()
            except KeyboardInterrupt:  # it ends what it runs, and removes its files
                child.send_signal(signal.SIGINT)
                child.wait()
                raise
        if child.returncode:
            raise subprocess.CalledProcessError(child.returncode, words)
        with open(path) as file:
            return json.load(file)


def measure_all(command, programs, options, figures_of):
    """Run the command on every program and write a JSON file of what figures_of() takes of each, a dict.

    Returns the exit status; where none could be run, exits with it, and nothing is written.
    """
    data = {"command": command, "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "rounds": options.rounds,
            **measure.machine(), "programs": []}
    status = 0
    for name in [options.only] if options.only else programs:
        program = programs[name]
        lacking = next((need for need in program.needs if not shutil.which(need, path=PATH)), None)
        if lacking:
            sys.stderr.write("note: %s is left out: no %s installed\n" % (name, lacking))
            continue
        sys.stderr.write("%s\n" % program.what)
        try:
            figures = figures_of(run(command, program, options))
        except KeyboardInterrupt:
            sys.stderr.write("bench/%s.py: interrupted; what was measured so far is written\n" % command)
            status = 130
            break
        except subprocess.CalledProcessError as error:
            sys.stderr.write("bench/%s.py: %s: tidepool %s ended with %d\n" % (command, name, command,
                                                                                error.returncode))
            status = 1
            continue
        data["programs"].append({"name": name, "what": program.what, **figures})
    if not data["programs"]:
        sys.exit(status or 1)
    with open(options.json, "w") as file:
        json.dump(data, file, indent=1)
        file.write("\n")
    print("figures: %s" % os.path.relpath(options.json))
    return status

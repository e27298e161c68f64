"""One of tidepool's commands on each of several programs of the distribution."""

import contextlib
import dataclasses
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from typing import Any

from harness.field import machine, places

PATH = os.environ.get("PATH", os.defpath) + ":/usr/sbin"


@dataclasses.dataclass(frozen=True)
class Subject:
    """A program that the command is run on."""

    what: str  # what it does, for people
    needs: tuple[str, ...]  # commands that must be installed
    arguments: Callable[[str], list[str]]  # given a folder, those of the command; from "--" on the program's


@dataclasses.dataclass(frozen=True)
class Task:
    """What is run: a command, on which programs, how often, with the library of which build."""

    command: str
    subjects: Mapping[str, Subject]
    rounds: int
    build: str
    figures_of: Callable[[dict[str, Any]], dict[str, Any]]  # what is kept of the file that the command writes


def free_port() -> int:
    """Return a TCP port that nobody has."""
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def run(task: Task, subject: Subject) -> dict[str, Any]:
    """Return what the command wrote of a program to its --json; raise subprocess.CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # a server may give up its rights
        path = os.path.join(folder, "figures.json")
        words = [places.TIDEPOOL_COMMAND, task.command, "--library", places.library(task.build),
                 "--rounds", str(task.rounds), "--json", path, *subject.arguments(folder)]
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
        with open(path, encoding="utf-8") as file:
            return dict(json.load(file))


def measure_all(task: Task, path: str) -> int:
    """Run the command on every program and write a JSON file of what is kept of each.

    Returns the exit status. If no program could be run, exits with it, and nothing is written.
    """
    data: dict[str, Any] = {"command": task.command, "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
                            "rounds": task.rounds, **machine.describe(), "programs": []}
    status = 0
    for name, subject in task.subjects.items():
        lacking = next((need for need in subject.needs if not shutil.which(need, path=PATH)), None)
        if lacking:
            sys.stderr.write("note: %s is left out: no %s installed\n" % (name, lacking))
            continue
        sys.stderr.write("%s\n" % subject.what)
        try:
            figures = task.figures_of(run(task, subject))
        except KeyboardInterrupt:
            sys.stderr.write("bench/run %s: interrupted; what was measured so far is written\n" % task.command)
            status = 130
            break
        except subprocess.CalledProcessError as error:
            sys.stderr.write("bench/run %s: %s: tidepool %s ended with %d\n" % (task.command, name, task.command,
                                                                                error.returncode))
            status = 1
            continue
        data["programs"].append({"name": name, "what": subject.what, **figures})
    if not data["programs"]:
        sys.exit(status or 1)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=1)
        file.write("\n")
    print("figures: %s" % os.path.relpath(path))
    return status

"""Live files: the counters that a process shares while it runs (TIDEPOOL_LIVE; the layout is in shim/report/live.h).

A copy of the table counts only if its sequence number was even before and the same after: none is ever torn.
"""

import mmap
import os
import stat
import struct
import time
from dataclasses import dataclass

from .dump import Row
from .names import OLD
from .patterns import literal, matching
from .schema import counters

MAGIC = b"TPLIVE1\0"
HEADER = struct.Struct("=8s6I2QqQ16s64s")  # up to the names
SEQUENCE = struct.Struct("=Q")
SEQUENCE_AT = HEADER.size - 16 - 64 - 8
WORD_BYTES = 8
LARGEST = 1 << 20  # bytes that a file may have
TRIES = 1000
PAUSE_S = 0.001


class NotLive(Exception):
    """A file that cannot be read as a live file: why, in one line."""


@dataclass
class Sample:
    """A whole table at one moment."""
    at_ns: int  # since the process began
    process: Row
    classes: dict[int, Row]  # by the object's size in bytes; beside the counters admitted, 0 or 1


class LiveFile:
    """A live file that is mapped. Raises NotLive, also later, when the file is no longer whole."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise NotLive(f"{path}: {error.strerror}") from None
        try:
            self.status = os.fstat(fd)
            if not stat.S_ISREG(self.status.st_mode) or not HEADER.size < self.status.st_size <= LARGEST:
                raise NotLive(f"{path}: not a live file")
            self.memory = mmap.mmap(fd, 0, prot=mmap.PROT_READ)
        finally:
            os.close(fd)
        self.read_header()

    def read_header(self) -> None:
        """Take what does not change."""
        (magic, start, self.pid, process_words, class_words, self.class_count, _, self.tick_ns, self.start_ns,
         self.start_time_s, _, version, program) = HEADER.unpack_from(self.memory)
        self.version = version.partition(b"\0")[0].decode("utf-8", "replace")
        self.program = program.partition(b"\0")[0].decode("utf-8", "replace")
        names = self.memory[HEADER.size:start].partition(b"\0")[0].decode("ascii", "replace").split("\n")
        # Here a counter goes by its name without the group's.
        full = {counter.short: counter.name for counter in counters("totals")}
        self.process_names, self.class_names = ([[full.get(name, name) for name in (OLD.get(word, word) for word in
                                                                                    line.split())]
                                                 for line in names] + [[], []])[:2]
        self.start = start
        self.words = process_words + class_words * self.class_count
        whole = start + self.words * WORD_BYTES <= len(self.memory)
        named = len(self.process_names) == process_words and len(self.class_names) == class_words
        if magic != MAGIC or not whole or not named or "size" not in self.class_names:
            raise NotLive(f"{self.path}: not a live file of this version")

    def check_whole(self) -> None:
        """Raise NotLive if the file was cut, or may have been: to look at it would be a SIGBUS."""
        try:
            now = os.lstat(self.path)
        except OSError as error:
            raise NotLive(f"{self.path}: {error.strerror}") from None
        if (now.st_dev, now.st_ino) != (self.status.st_dev, self.status.st_ino):
            raise NotLive(f"{self.path}: another file has its name")
        if now.st_size < len(self.memory):
            raise NotLive(f"{self.path}: the file was cut")

    def read(self) -> Sample:
        """A Sample of the table as it is now."""
        return self.sample(self.copy())

    def copy(self) -> bytes:
        """The bytes of the table, all of one moment."""
        for _ in range(TRIES):
            self.check_whole()
            before, = SEQUENCE.unpack_from(self.memory, SEQUENCE_AT)
            if before % 2 == 0:  # else it is being written
                table = self.memory[self.start:self.start + self.words * WORD_BYTES]
                if SEQUENCE.unpack_from(self.memory, SEQUENCE_AT)[0] == before:
                    return table
            time.sleep(PAUSE_S)
        raise NotLive(f"{self.path}: its process ended while it wrote")

    def sample(self, table: bytes) -> Sample:
        """The Sample that the bytes of a table are."""
        words = struct.unpack(f"={self.words}Q", table)
        width = len(self.class_names)
        first = len(self.process_names)
        process = dict(zip(self.process_names, words))
        rows = [dict(zip(self.class_names, words[at:at + width])) for at in range(first, len(words), width)]
        return Sample(process.get("uptime_ns", 0), process, {row["size"]: row for row in rows})

    def age_s(self, sample: Sample) -> float:
        """Seconds since a sample was written."""
        return max(0.0, float(time.clock_gettime_ns(time.CLOCK_MONOTONIC) - self.start_ns - sample.at_ns) / 1e9)

    def has_ended(self) -> bool:
        """Whether the process is gone, or has left the file to another."""
        try:
            now = os.lstat(self.path)
        except OSError:
            return True
        return (now.st_dev, now.st_ino) != (self.status.st_dev, self.status.st_ino) or not is_running(self.pid)

    def close(self) -> None:
        """Unmap it."""
        self.memory.close()


def is_running(pid: int) -> bool:
    """Whether a process is there and not a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (OSError, IndexError):
        return False


def find(pattern: str, pid: int | None = None) -> list[LiveFile]:
    """The live files of running processes that a pattern names: this user's, or that of the process `pid`."""
    found = []
    for path in matching(pattern):
        try:
            file = LiveFile(path)
        except NotLive:
            continue
        if is_running(file.pid) and (file.pid == pid if pid else True) and file.status.st_uid in owners(pid):
            found.append(file)
        else:
            file.close()
    return found


def find_mapped(pid: int) -> list[LiveFile]:
    """The live files that a process has mapped: what it shares, whatever the name."""
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.rstrip("\n").split(None, 5) for line in file]
    except OSError:
        return []
    paths = {words[5] for words in lines if len(words) == 6 and words[1] == "rw-s" and words[5].startswith("/")}
    return [file for path in sorted(paths) for file in find(literal(path), pid)]


def owners(pid: int | None) -> set[int]:
    """The users whose files are believed: oneself, and the user of the process that is asked for."""
    users = {os.geteuid()}
    if pid:
        try:
            users.add(os.stat(f"/proc/{pid}").st_uid)
        except OSError:
            pass  # it has just ended
    return users

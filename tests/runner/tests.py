"""The kinds of tests: what each runs, and what must come of it.

check     a command of the tree's own, such as scripts/check-layers; one that lacks what it needs is skipped
unit      build/tests/unit/ROOM/NAME_test, Criterion programs; each of their tests counts
preload   tests/preload/TOPIC/NAME.c or .cpp, built as build/tests/preload/TOPIC/NAME, under the preload
programs  executable files in tests/programs/*, which preload $TIDEPOOL_LIB into what they start

A test that was not built is a failure; exit status 77 means skipped.
"""

import ctypes.util
import os
import re
import shutil
import subprocess
import sys

from runner.execute import BUILD, ROOT, clean_environment, execute, path, status_name, tail

NO_RSEQ = "glibc.pthread.rseq=0"
SKIPPED = 77
CHECK_TIMEOUT_S = 1800

# Each variant: the library it runs, below BUILD, and the glibc tunable it adds.
VARIANTS = {
    "rseq": ("libtidepool.so", None),
    "lock": ("libtidepool.so", NO_RSEQ),
    "delay": ("delay/libtidepool.so", None),
    "norseq": ("norseq/libtidepool.so", None),
}
DEFAULT_VARIANTS = ["rseq", "lock"]
SYNTHESIS = re.compile(
    r"Synthesis: Tested: (\d+) \| Passing: (\d+) \| Failing: \d+ \| Crashing: \d+"
)


def pattern(expected):
    """An expected line as a regular expression: %d is a number, %p a pointer."""
    return re.escape(expected).replace("%d", r"-?\d+").replace("%p", r"0x[0-9a-f]+")


class Outcome:
    """What came of one test: how many passed and failed, and why."""

    def __init__(self, passed=0, failed=0, skipped=0, note="", detail=()):
        self.passed, self.failed, self.skipped = passed, failed, skipped
        self.note, self.detail = note, list(detail)

    @property
    def word(self):
        if self.failed:
            return "FAIL"
        return "PASS" if self.passed else "SKIP"


def system_python():
    """The interpreter that Debian's packages are for."""
    return "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable


def lacks_program(*names):
    """What is missing of some programs, or None."""
    missing = [name for name in names if not shutil.which(name)]
    return f"{', '.join(missing)} is missing" if missing else None


def lacks_module(name):
    """The same of a module of the system's Python."""
    found = subprocess.run([system_python(), "-c", f"import {name}"], stderr=subprocess.DEVNULL, check=False)
    return None if found.returncode == 0 else f"the Python module {name} is missing"


def lacks_fuzzer():
    """The same of clang with its fuzzer."""
    missing = lacks_program("clang")
    if missing:
        return missing
    source = "int LLVMFuzzerTestOneInput(void) { return 0; }"
    command = ["clang", "-x", "c", "-", "-fsanitize=fuzzer,address", "-w", "-o", "/dev/null"]
    built = subprocess.run(command, input=source, text=True, stderr=subprocess.DEVNULL, check=False)
    return None if built.returncode == 0 else "clang's fuzzer is missing"


class Check:
    """A command of the tree's own."""

    variant = None

    def __init__(self, name, argv, lacks=lambda: None):
        self.name, self.argv, self.lacks = f"check/{name}", argv, lacks

    def run(self, _timeout):
        """Runs it. Returns the outcome."""
        missing = self.lacks()
        if missing:
            return Outcome(skipped=1, note=missing)
        done = execute(self.argv, {**clean_environment(), "BUILD": BUILD}, CHECK_TIMEOUT_S)
        detail = tail(done.out) + tail(done.err)
        if done.status is None:
            return Outcome(failed=1, note=f"still running after {CHECK_TIMEOUT_S} s", detail=detail)
        if done.status == SKIPPED:
            return Outcome(skipped=1, note=(detail or [""])[-1])
        if done.status != 0:
            return Outcome(failed=1, note=f"exit status {status_name(done.status)}", detail=detail)
        return Outcome(passed=1)


CHECKS = [
    Check("layers", [path("scripts", "check-layers")]),
    Check("calls", [path("scripts", "check-tree")]),
    Check("generated", [path("scripts", "generate"), "--check"]),
    Check("models", [path("tests", "model", "verify")]),
    Check("fuzz", ["make", "-s", "fuzz-run", "FUZZ_SECONDS=15"], lacks_fuzzer),
    Check("tools", [system_python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/tools"],
          lambda: lacks_module("pytest")),
]


class UnitTest:
    """A Criterion program; counts the tests it reports."""

    def __init__(self, name, variant):
        self.name, self.variant = f"unit/{name}", variant
        self.program = path(BUILD, "tests", "unit", *([variant] if variant else []), name)

    def run(self, timeout):
        if not os.access(self.program, os.X_OK):
            if not ctypes.util.find_library("criterion"):
                return Outcome(skipped=1, note="Criterion is missing")
            return Outcome(failed=1, note="not built")
        done = execute([self.program], clean_environment(), timeout)
        text = re.sub(r"\x1b\[[0-9;]*m", "", done.out + done.err)
        if done.status is None:
            return Outcome(failed=1, note=f"still running after {timeout} s", detail=tail(text))
        sums = SYNTHESIS.findall(text)
        if not sums:
            note = f"no synthesis line, exit status {status_name(done.status)}"
            return Outcome(failed=1, note=note, detail=tail(text))
        tested, passing = map(int, sums[-1])
        failed = tested - passing
        if self.variant and tested == 0 and done.status == 0:
            return Outcome(skipped=1, note="no restartable sections here")
        if not failed and (done.status != 0 or tested == 0):
            failed = 1
        note = f"{tested} tests, exit status {status_name(done.status)}"
        return Outcome(passed=passing, failed=failed, note=note, detail=tail(text))


class LibraryTest:
    """What runs against the library: knows the variant's library and its environment."""

    def __init__(self, name, variant):
        self.name, self.variant = name, variant
        self.library = path(BUILD, VARIANTS[variant][0])

    def environment(self):
        env = clean_environment()
        tunable = VARIANTS[self.variant][1]
        if tunable:
            env["GLIBC_TUNABLES"] = tunable
        env["TEST_VARIANT"] = self.variant
        return env

    def own_preload_environment(self):
        """For what preloads the library itself: the library's path, and the caller's permissions."""
        allowed = {k: v for k, v in os.environ.items() if k.startswith("TIDEPOOL_TEST_")}
        return {**self.environment(), **allowed, "TIDEPOOL_LIB": self.library}

    def missing(self, program):
        for needed in (self.library, program):
            if not os.path.exists(needed):
                return Outcome(failed=1, note=f"{os.path.relpath(needed, ROOT)} is not built")
        return None


class PreloadTest(LibraryTest):
    """One small program under the preload, with its expectations."""

    def __init__(self, name, variant, wants, is_cpp):
        super().__init__(f"preload/{name}", variant)
        self.is_cpp = is_cpp
        self.program = path(BUILD, "tests", "preload", name)
        self.wants = wants

    def run(self, timeout):
        if not os.path.exists(self.program) and self.is_cpp and not shutil.which(os.environ.get("CXX", "g++")):
            return Outcome(skipped=1, note="a C++ compiler is missing")
        missing = self.missing(self.program)
        if missing:
            return missing
        if "no-preload" in self.wants:
            env = self.own_preload_environment()
        else:
            env = {**self.environment(), "LD_PRELOAD": self.library}
        env.update(setting.split("=", 1) for setting in self.wants.get("env", []))
        done = execute([self.program], env, timeout)
        detail = tail(done.out) + tail(done.err)
        if done.status is None:
            return Outcome(failed=1, note=f"still running after {timeout} s", detail=detail)
        if done.status == SKIPPED:
            return Outcome(skipped=1, note=(tail(done.err) or [""])[-1])
        wrong = self.differences(done)
        if wrong:
            return Outcome(failed=1, note="; ".join(wrong), detail=detail)
        return Outcome(passed=1)

    def differences(self, done):
        wrong = []
        status = self.wants.get("status", ["0"])[0]
        if status_name(done.status) != status:
            wrong.append(f"exit status {status_name(done.status)}, expected {status}")
        for expected in self.wants.get("stderr", []):
            if not any(re.fullmatch(pattern(expected), line) for line in done.err.split("\n")):
                wrong.append(f"no line on stderr is '{expected}'")
        if "stdout" in self.wants:
            lines = self.wants["stdout"]
            expected = "" if lines == [""] else "".join(line + "\n" for line in lines)
            if not re.fullmatch(pattern(expected), done.out):
                wrong.append("stdout is not what was expected")
        return wrong


class ProgramTest(LibraryTest):
    """A real program's own checks, in a script that preloads the library itself."""

    def __init__(self, name, variant):
        super().__init__(f"programs/{name}", variant)
        self.program = path("tests", "programs", name)

    def run(self, timeout):
        missing = self.missing(self.program)
        if missing:
            return missing
        done = execute([self.program], self.own_preload_environment(), timeout)
        detail = tail(done.out) + tail(done.err)
        if done.status is None:
            return Outcome(failed=1, note=f"still running after {timeout} s", detail=detail)
        if done.status == SKIPPED:
            return Outcome(skipped=1, note=(detail or [""])[-1])
        if done.status != 0:
            note = f"exit status {status_name(done.status)}"
            return Outcome(failed=1, note=note, detail=detail)
        return Outcome(passed=1)

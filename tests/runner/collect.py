"""Finding the tests, by the folders that they stand in, and reading what a preload test says of itself.

The opening comment of a preload test says what it needs and expects:

@variants rseq lock   run with these variants (this is the default); delay and norseq are builds
@env NAME=VALUE       an environment variable, repeatable
@no-preload           preloads $TIDEPOOL_LIB into children of its own; is not preloaded itself
@status N             its exit status (0), or "signal N"
@stderr LINE          stderr has exactly this line; %d is any number, %p any pointer; repeatable
@stdout LINE          stdout is exactly this line, repeated for more; empty for no output
@cc FLAGS             more flags to compile and link it (read by tests.mk)

A unit test has the modules of the norseq build; with "@variants norseq rseq" also those with sections.
"""

import os
import re

from runner.execute import path
from runner.tests import CHECKS, VARIANTS, PreloadTest, ProgramTest, UnitTest

DEFAULT_VARIANTS = ["rseq", "lock"]
DIRECTIVES = {"variants", "env", "stderr", "stdout", "status", "cc", "no-preload"}
NOT_TESTS = {"lib", "support", "sandbox.sh"}  # of tests/preload, tests/unit and tests/programs


def opening_comment(source):
    """The first comment of a C or C++ file, without its stars."""
    with open(source, encoding="utf-8") as file:
        text = file.read().lstrip()
    if text.startswith("/*"):
        lines = text[2 : text.index("*/")].split("\n")
        return [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in lines]
    lines = []
    for line in text.split("\n"):
        if not line.startswith("//"):
            break
        lines.append(line[2:].strip())
    return lines


def directives(source):
    """The @ lines of the opening comment, as name -> list of values."""
    found = {}
    for line in opening_comment(source):
        match = re.match(r"@([a-z-]+)(?: (.*))?$", line)
        if not match:
            continue
        if match[1] not in DIRECTIVES:
            raise SystemExit(f"{source}: unknown directive @{match[1]}")
        found.setdefault(match[1], []).append(match[2] or "")
    return found


def files(directory, *suffixes):
    """The files below a folder of folders, as (name without suffix, suffix), by name."""
    found = []
    for folder in sorted(os.listdir(path(directory))):
        if os.path.splitext(folder)[1] in suffixes and folder not in NOT_TESTS:
            raise SystemExit(f"{directory}/{folder}: a test stands in a folder of its subject (tests/README.md)")
        if folder in NOT_TESTS or not os.path.isdir(path(directory, folder)):
            continue
        for name in sorted(os.listdir(path(directory, folder))):
            stem, suffix = os.path.splitext(name)
            if suffix in suffixes:
                found.append((f"{folder}/{stem}", suffix))
    return found


def collect():
    """All tests, in the order in which they are begun."""
    tests = list(CHECKS)
    for name, suffix in files("tests/unit", ".c"):
        if not name.endswith("_test"):
            raise SystemExit(f"tests/unit/{name}{suffix}: the name of a unit test ends with _test")
        variants = directives(path("tests/unit", name + suffix)).get("variants", "")
        tests += [UnitTest(name, None)] + [UnitTest(name, "rseq")] * ("rseq" in " ".join(variants).split())
    for name, suffix in files("tests/preload", ".c", ".cpp"):
        wants = directives(path("tests/preload", name + suffix))
        for variant in " ".join(wants.get("variants", DEFAULT_VARIANTS)).split():
            if variant not in VARIANTS:
                raise SystemExit(f"tests/preload/{name}{suffix}: unknown variant {variant}")
            tests.append(PreloadTest(name, variant, wants, suffix == ".cpp"))
    for name, suffix in files("tests/programs", ".sh"):
        tests += [ProgramTest(name + suffix, variant) for variant in DEFAULT_VARIANTS]
    return tests


def title(test):
    """A test's name with its variant."""
    return f"{test.name} [{test.variant}]" if test.variant else test.name

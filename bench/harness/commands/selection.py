"""Which programs and allocators a run has, by the options of the command line."""

import argparse
import os
from collections.abc import Sequence

from harness.commands.arguments import Parser
from harness.field import allocators, modes
from harness.field.allocators import Allocator
from harness.field.peers import PEERS
from harness.programs import guides
from harness.programs.kinds import CasesProgram, Program
from harness.programs.table import PROGRAMS, QUICK_SIZES, SIZES


def choose(parser: Parser, what: str, text: str, known: Sequence[str]) -> list[str]:
    """Return the comma-separated names in `text`, each one of `known`."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            parser.error("no %s '%s'; there are %s" % (what, name, ", ".join(known)))
    if not names:
        parser.error("no %s named" % what)
    return names


def choose_programs(parser: Parser, options: argparse.Namespace) -> tuple[list[Program], list[str]]:
    """Return (the programs of the run, each with the rows that were asked for, notes on rows that cannot run)."""
    chosen = [program for program in PROGRAMS if program.by_default or options.list]
    if options.only:
        known = [name for program in PROGRAMS for name in (program.name, *program.row_names())]
        names = choose(parser, "program", options.only, known)
        chosen = [program for program in PROGRAMS if program.name in names or set(program.row_names()) & set(names)]
        for program in chosen:
            if program.name not in names:
                program.rows = tuple(row for row in program.rows if row in names)
    sizes = QUICK_SIZES if options.quick and not options.only else SIZES
    if options.sizes:
        sizes = tuple(int(size) for size in choose(parser, "size", options.sizes, [str(size) for size in SIZES]))
    notes = []
    for program in chosen:
        program.choose_sizes(sizes)
        missing = program.missing()
        notes += ["%s is missing: no %s installed" % item for item in missing.items() if item[0] in program.rows]
        program.rows = tuple(row for row in program.rows if row not in missing)
    chosen = [program for program in chosen if program.rows]
    if not chosen:
        parser.error("none of the programs chosen can run here, or has such a size")
    return chosen, notes


def extra_allocators(parser: Parser, options: argparse.Namespace) -> list[Allocator]:
    """Return those that the user adds: the builds of Tidepool first."""
    try:
        found = [allocators.parse_extra(text, is_tidepool=True) for text in options.library]
        found += [allocators.parse_extra(text) for text in os.environ.get("ALLOCATORS", "").split() + options.add]
    except ValueError as error:
        parser.error(str(error))
    names = [allocator.name for allocator in found]
    taken = next((name for name in names if name in (*modes.SETTINGS, *guides.GO_CASES, guides.COUNT)), None)
    if taken:
        parser.error("the allocator name '%s' is taken" % taken)
    if len(set(names)) < len(names):
        parser.error("two allocators have one name")
    return found


def choose_allocators(parser: Parser, options: argparse.Namespace,
                      programs: Sequence[Program]) -> tuple[list[Allocator], list[str]]:
    """Return (the allocators of the run, notes on those that are missing)."""
    extra = extra_allocators(parser, options)
    builds = [allocator.name for allocator in extra if allocator.is_tidepool]
    found, notes = allocators.find_all(options.build, extra)
    if any(program.name == "guides" for program in programs):
        columns, missing = guides.columns(options.build)
        found, notes = columns + found, notes + missing
    found += modes.columns(options.build)
    default = [*PEERS, allocators.TIDEPOOL, allocators.NULL, *guides.GO_CASES, guides.COUNT,
               *(allocator.name for allocator in extra)]
    known = [*default, *modes.SETTINGS]
    names = known if options.list else builds or default
    if options.allocators:
        names = builds + choose(parser, "allocator", options.allocators, known)
    if options.skip:
        skipped = choose(parser, "allocator", options.skip, known)
        names = [name for name in names if name not in skipped]
    return ([allocator for allocator in found if allocator.name in names],
            [note for note in notes if note.split()[0] in names])


def print_list(programs: Sequence[Program], chosen: Sequence[Allocator], notes: Sequence[str]) -> None:
    """Print what there is to choose from."""
    print("programs")
    for program in programs:
        note = "" if program.by_default else "; only when named"
        print("  %-10s %s%s" % (program.name, program.title.partition(": ")[2], note))
        rows = [program.row_label(row) for row in program.rows]
        if len(rows) > 1 and not isinstance(program, CasesProgram):
            print("  %-10s   %s" % ("", ", ".join(rows)))
    print("allocators")
    for allocator in chosen:
        note = "; only when named" if allocator.name in modes.SETTINGS else ""
        settings = "".join(" %s=%s" % setting for setting in allocator.settings.items())
        print("  %-10s %s%s%s" % (allocator.name, allocator.path or "(no preload)", settings, note))
    for note in notes:
        print("  " + note)

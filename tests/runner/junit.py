"""The outcomes as JUnit XML, which build servers read."""

import re
import xml.etree.ElementTree as ET

from runner.collect import title

UNPRINTABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd]")  # what XML 1.0 has no place for


def write(file_name, results):
    """Writes the file; @results: (test, outcome, seconds) for each test."""
    outcomes = [outcome for _, outcome, _ in results]
    suite = ET.Element("testsuite", name="tidepool", tests=str(len(results)),
                       failures=str(sum(bool(outcome.failed) for outcome in outcomes)),
                       skipped=str(sum(outcome.word == "SKIP" for outcome in outcomes)),
                       time=f"{sum(seconds for _, _, seconds in results):.2f}")
    for test, outcome, seconds in results:
        kind, _, name = title(test).partition("/")
        case = ET.SubElement(suite, "testcase", classname=kind, name=name, time=f"{seconds:.2f}")
        if outcome.failed:
            failure = ET.SubElement(case, "failure", message=UNPRINTABLE.sub("?", outcome.note))
            failure.text = UNPRINTABLE.sub("?", "\n".join(outcome.detail))
        elif outcome.word == "SKIP":
            ET.SubElement(case, "skipped", message=UNPRINTABLE.sub("?", outcome.note))
    ET.ElementTree(suite).write(file_name, encoding="utf-8", xml_declaration=True)

"""Commands: what is wrong is said in one line, and what needs no library goes without one."""

import json
import signal
import subprocess
import sys
import tempfile

import pytest
from conftest import SCRIPTS
from test_dump import raw_dump
from tidepool_tools.base.failure import CANNOT_RUN, Failure, NOT_FOUND, PACKAGES, need, not_started
from tidepool_tools.measure.command import Command, RunFailure, Service, check_startable


def tidepool(*words, **settings):
    """Run the command where no library is found."""
    return subprocess.run([sys.executable, SCRIPTS / "tidepool", "--library", "/no/such.so", *words],
                          capture_output=True, text=True, timeout=60, check=False, **settings)


def test_reports_and_merges_need_no_library(tmp_path):
    (tmp_path / "dump.json").write_text(json.dumps(raw_dump()) + "\n")
    for words in (["merge", "dump.json"], ["report", "dump.json"], ["--version"], ["--help"], ["run", "--help"],
                  ["tune", "--help"]):
        done = tidepool(*words, cwd=tmp_path)
        assert done.returncode == 0 and done.stdout and not done.stderr, (words, done)
    for words in (["run", "--", "true"], ["compare", "--", "true"], ["tune", "--", "true"], ["profile", "--", "true"]):
        done = tidepool(*words, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (125, "tidepool: /no/such.so: no such library\n"), (words, done)


def test_what_python_lacks_is_said_with_its_package(monkeypatch):
    need(*PACKAGES)
    monkeypatch.setitem(PACKAGES, "no_such_module", "python3-none")
    with pytest.raises(Failure, match="^Python has no no_such_module: apt-get install python3-none$"):
        need("no_such_module")


def test_what_cannot_be_started(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("")
    for word, status in (("./missing", NOT_FOUND), ("missing", NOT_FOUND), (str(plain), CANNOT_RUN)):
        with pytest.raises(Failure) as caught:
            check_startable(word, {"PATH": "/bin"})
        assert caught.value.status == status and str(caught.value).startswith(word)
    assert not_started("a", FileNotFoundError(2, "none")).status == NOT_FOUND
    assert not_started("a", PermissionError(13, "no")).status == CANNOT_RUN


def run(folder, line, service=None, **assignments):
    """One run of a line of shell."""
    return Command(["sh", "-c", line], {"PATH": "/usr/bin:/bin"}, tempfile.mkdtemp(dir=folder), service).run(
        assignments, subprocess.DEVNULL, subprocess.DEVNULL)


def test_a_run_is_waited_for_and_measured(tmp_path):
    done = run(tmp_path, '[ "$SAID" = "a b" ] && exit 3', SAID="a b")
    assert done.status == 3 and 0 < done.figures["wall_s"] < 60 and not done.is_left
    assert 0 < done.figures["peak_rss_bytes"] < 8e6  # the shell's, not Python's
    assert run(tmp_path, "kill -9 $$").status == -9


def test_a_service_is_loaded_and_stopped(tmp_path):
    loaded = Service(signal.SIGTERM, f"echo loaded >{tmp_path}/load; sleep 0.2")
    assert run(tmp_path, "exec sleep 60", loaded).figures["wall_s"] == pytest.approx(0.2, abs=5)
    assert (tmp_path / "load").read_text() == "loaded\n"
    assert run(tmp_path, "exec sleep 60", Service(signal.SIGTERM, after_s=0.1)).status == 0
    for line, service, words in (
            ("true", Service(signal.SIGTERM, "true", after_s=5), "ended before the load began"),
            ("exec sleep 60", Service(signal.SIGTERM, "exit 4"), "the load ended with exit status 4"),
            ("sleep 0.1", Service(signal.SIGTERM, "sleep 1", is_lasting=True), "ended under the load")):
        with pytest.raises(RunFailure, match=words):
            run(tmp_path, line, service)

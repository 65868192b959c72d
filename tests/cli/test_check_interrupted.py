"""Ctrl-C and other signals: a report comes, and no process is left."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bpttcheck.cli import main
from bpttcheck.cli.waiting import Waiting


@pytest.mark.skipif(os.name != "posix", reason="signals")
class TestInterrupted:
    def started(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "bpttcheck", "check", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        time.sleep(2.5)
        return process

    def test_a_call_that_heeds_it(self, hostile):
        (hostile / "sleeps.py").write_text("import time\ndef problem():\n    time.sleep(600)\n")
        process = self.started("sleeps.py", "--json")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 130
        found = json.loads(out)
        assert (found["exit"], found["verdict"], found["kind"]) == (130, "undecided", "interrupted")
        assert err.splitlines()[-1] == "bpttcheck: interrupted"

    def test_a_call_that_swallows_it(self, hostile):
        process = self.started("hostile.py:hangs")
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        started = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 130
        assert out.startswith("undecided: interrupted")
        assert "your code did not heed it" in out
        assert "Traceback" not in err
        assert time.monotonic() - started < 2.5

    def test_no_process_is_left(self, hostile):
        (hostile / "sleeps.py").write_text(
            "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)\n"
        )
        process = self.started("sleeps.py")
        pid = int((hostile / "pid").read_text())
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert process.returncode == 128 + signal.SIGTERM
        assert not alive(pid)

    def test_whoever_waits_may_be_killed(self, hostile):
        (hostile / "sleeps.py").write_text(
            "import os, time\nopen('pid', 'w').write(str(os.getpid()))\n"
            "def problem():\n    return lambda p: time.sleep(0.2) or (0.0, p), {'a': 1.0}\n"
        )
        process = self.started("sleeps.py")
        pid = int((hostile / "pid").read_text())
        process.kill()
        process.communicate()
        deadline = time.monotonic() + 10
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not alive(pid)


def test_before_anything_has_begun(hostile, monkeypatch, capfd):
    """What is being imported says nothing: not where, and not that it was stopped."""

    def at_once(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Waiting, "_listen", at_once)
    assert main(["check", "hostile.py:sine"]) == 130
    out, err = capfd.readouterr()
    assert out == "undecided: interrupted\n"
    assert err == "bpttcheck: interrupted\n"


def test_while_the_command_line_is_imported(monkeypatch, capsys):
    def at_once(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("bpttcheck.cli._main", at_once)
    assert main(["verify"]) == 130
    assert capsys.readouterr().err == "bpttcheck: interrupted\n"


def alive(pid):
    """Tell whether a process runs; one that has ended may still be in the table."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"

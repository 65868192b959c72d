"""The verdict comes first, stands, and is waited for with progress."""

import re
import sys

from bpttcheck.cli import main
from bpttcheck.cli.status import Status
from tests.cli.model import FEW, found, program


def test_the_verdict_comes_first(folder):
    (folder / "slow.py").write_text(
        "import time\nimport model\nstart = time.monotonic()\n"
        "def problem(case):\n"
        "    value_and_grad, params = model.wrong(case)\n"
        "    def slow(params):\n"
        "        time.sleep(0.005)\n"
        "        return value_and_grad(params)\n"
        "    return slow, params\n"
    )
    with program("check", "slow.py", "--budget", "30") as process:
        first = process.stdout.readline()
        running = process.poll() is None
        process.terminate()
    assert first.startswith("wrong: ")
    assert running


def test_progress_of_a_single_point_counts_calls(folder):
    (folder / "slow.py").write_text(
        "import time\nfrom model import pair\nfrom bpttcheck.cases import Case\n"
        "def problem():\n"
        "    value_and_grad, params = pair(1, Case(n=40))\n"
        "    def slow(params):\n"
        "        time.sleep(0.1)\n"
        "        return value_and_grad(params)\n"
        "    return slow, params\n"
    )
    with program("check", "slow.py", "--budget", "4") as process:
        _, err = process.communicate()
    assert re.match(r"checking, [1-9]\d* calls, [2-9] s$", err.splitlines()[-1]), err


def test_a_verdict_stands_if_the_process_dies_after_it(folder, capsys):
    (folder / "dies.py").write_text(
        "import os\nimport model\nwrong = 0\n"
        "def problem(case):\n"
        "    global wrong\n"
        "    wrong += 1\n"
        "    if wrong > 4:\n"
        "        os._exit(0)\n"
        "    return model.wrong(case)\n"
    )
    status, report = found(capsys, "dies.py")
    assert (status, report["verdict"]) == (1, "wrong")
    assert "left with exit status 0, as os._exit(0) does" in report["notes"][-1]
    assert "will follow" not in report["reason"]
    assert main(["check", "dies.py", *FEW]) == 1
    out = capsys.readouterr().out
    first, second = out.splitlines()[:2]
    assert first.startswith(second)  # without what was to follow
    assert second.startswith("wrong: ")
    assert out.count("will follow") == 1
    assert "\nnote: the process that ran your code left" in out


def test_progress_without_a_terminal(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr("bpttcheck.cli.status.time.monotonic", lambda: now)
    status = Status("model.py")
    for second in range(40):
        now = float(second)
        status.calls = 1000 * max(0, second - 15)
        status.progress("search" if second < 20 else "cause", second, 40)
        status.tick()
    assert capsys.readouterr().err.splitlines() == [
        "model.py: search: 2 of 40, 2 s",
        "model.py: search: 12 of 40, 12 s",
        "model.py: cause: 20 of 40, 5,000 calls, 20 s",
        "model.py: cause: 30 of 40, 15,000 calls, 30 s",
    ]


def test_progress_before_anything_is_done(monkeypatch, capsys):
    """While modules are imported, say."""
    now = 0.0
    monkeypatch.setattr("bpttcheck.cli.status.time.monotonic", lambda: now)
    status = Status("model.py")
    now = 1.9
    status.tick()
    assert capsys.readouterr().err == ""
    now = 2.0
    status.tick()
    assert capsys.readouterr().err == "model.py: starting, 2 s\n"


def test_progress_on_a_terminal_is_one_line(monkeypatch, capsys):
    now = 0.0
    monkeypatch.setattr("bpttcheck.cli.status.time.monotonic", lambda: now)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    status = Status()
    now = 1.0
    status.progress("search", 1, 2)
    now = 2.0
    status.progress("cause", 0, 1)
    status.clear()
    assert capsys.readouterr().err == "\r\x1b[Ksearch: 1 of 2, 1 s\r\x1b[Kcause, 2 s\r\x1b[K"

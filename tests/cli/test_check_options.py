"""Options and settings of ``bpttcheck check``, several targets, and exit statuses."""

import errno
import json
import os
import re
import subprocess
import sys

import pytest

from bpttcheck.check import search
from bpttcheck.check.gradients import SECONDS
from bpttcheck.cli import check as check_command
from bpttcheck.cli import main, settings
from bpttcheck.cli import verify as verify_command
from bpttcheck.cli.status import Status

MODEL = """
import numpy as np

def pair(factor, case):
    def value_and_grad(params):
        loss = np.sin(params["a"]).sum() + np.sin(params["b"]).sum()
        return loss, {"a": np.cos(params["a"]), "b": factor * np.cos(params["b"])}
    return value_and_grad, {name: case.rng.normal(size=case.n) for name in "ab"}

def problem(case):
    return pair(1, case)

def wrong(case):
    return pair(1.1, case)

def wrong_from_three_steps_on(case):
    return pair(1 + 0.1 * (case.T > 2), case)

def raises(case):
    raise RuntimeError("no")

def not_a_pair(case):
    return 3
"""
FEW = ("--max-examples", "2")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(capsys, *arguments):
    status = main(["check", *arguments, *FEW, "--json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_file_or_a_module_alone_means_its_problem(folder, capsys):
    for target in ("model.py", "model", "model:problem"):
        status, report = found(capsys, target)
        assert (status, report["verdict"], report["target"]) == (0, "right", target)


def test_only_some_gradients(folder, capsys):
    assert found(capsys, "model.py:wrong", "--only", "a")[0] == 0
    status, report = found(capsys, "model.py:wrong", "--only", "b, a")
    assert status == 1
    assert "b" in report["reason"]
    assert main(["check", "model.py:wrong", "--only", "c", *FEW]) == 2
    assert "'c'" in capsys.readouterr().err


def test_only_some_cases(folder, capsys):
    target = "model.py:wrong_from_three_steps_on"
    assert found(capsys, target)[0] == 1
    assert found(capsys, target, "--cases", "T=1..2,n=1,regimes=given")[0] == 0
    assert main(["check", target, "--cases", "T=x", *FEW]) == 2
    assert "cases: expected" in capsys.readouterr().err


def test_the_verdict_alone(folder, capsys):
    status, report = found(capsys, "model.py:wrong", "--verdict-only")
    assert (status, report["verdict"]) == (1, "wrong")


def test_a_case_is_kept_and_asked_again(folder, capsys):
    assert main(["check", "model.py:wrong", "--save-case", "case.json", *FEW]) == 1
    assert "case saved; again: bpttcheck check model.py:wrong" in capsys.readouterr().err
    status, report = found(capsys, "model.py:wrong", "--replay", "case.json")
    assert (status, report["verdict"]) == (1, "wrong")
    assert found(capsys, "model.py", "--replay", "case.json")[0] == 0
    assert main(["check", "model.py", "--save-case", "other.json", *FEW]) == 0
    assert "no case was saved: " in capsys.readouterr().err
    assert not (folder / "other.json").exists()
    (folder / "broken.json").write_text("{")
    assert main(["check", "model.py", "--replay", "broken.json"]) == 2
    assert "broken.json: expected JSON of a saved case" in capsys.readouterr().err


USAGE = [
    ([], "the following arguments are required: TARGET"),
    (["model.py", "--budget", "0"], "expected a number of seconds > 0, at most 1,000,000, got '0'"),
    (
        ["model.py", "--budget", "inf"],
        "expected a number of seconds > 0, at most 1,000,000, got 'inf'",
    ),
    (["model.py", "--budget", "1e7"], "at most 1,000,000, got '1e7'"),
    (
        ["model.py", "--seconds", "soon"],
        "expected a number of seconds > 0, at most 1,000,000, got 'soon'",
    ),
    (["model.py", "--only", "a,,b"], "expected names, such as W,b, got 'a,,b'"),
    (["model.py", "--replay", "gone.json"], "--replay: no file gone.json"),
    (["model.py", "--save-case", "gone/a.json"], "--save-case: no folder for gone/a.json"),
    (["model.py", "model", "--save-case", "a"], "--save-case: expected one TARGET, got 2"),
    (["model.py", "model", "--replay", "a"], "--replay: expected one TARGET, got 2"),
    (["model.py:not_a_pair"], "problem: expected the pair (value_and_grad, params), got int"),
]


@pytest.mark.parametrize(("arguments", "message"), USAGE)
def test_usage_is_one_line_and_exit_2(folder, capsys, arguments, message):
    assert main(["check", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1


def test_the_defaults_are_those_of_python():
    assert check_command.DEFAULTS["max_examples"] == search.EXAMPLES
    assert check_command.DEFAULTS["budget"] == search.BUDGET
    assert check_command.DEFAULTS["seconds"] == SECONDS


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as left:
        main(["check", "--help"])
    assert left.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for said in ("default 120", "default 60", "default 40", "bpttcheck check model.py"):
        assert said in text
    assert "It executes your code, with your rights, in a process of its own" in text
    assert "sends nothing anywhere and is no sandbox" in text
    assert all(key in text for key in settings.KEYS)


SETTINGS = [
    ("seed = 7", 0, ""),
    ("budgt = 3", 2, "[tool.bpttcheck.check] has no key 'budgt'; did you mean 'budget'?"),
    ("max_examples = 3", 2, "has no key 'max_examples'; did you mean 'max-examples'?"),
    ("zzz = 1", 2, "has no key 'zzz'; known are budget, seconds, max-examples"),
    ("budget = '3'", 2, "budget: expected a number of seconds > 0, at most 1,000,000, got \"'3'\""),
    ("seed = true", 2, "seed: expected a whole number ≥ 0, got 'True'"),
    ("seed = -1", 2, "seed: expected a whole number ≥ 0, got '-1'"),
    ("max-examples = 0", 2, "max-examples: expected a whole number ≥ 1, got '0'"),
    ("thorough = 1", 2, "thorough: expected true or false, got 1"),
    ("only = [1]", 2, "only: expected names, such as ['W', 'b'], got [1]"),
    ("cases = 3", 2, "cases: expected a table, such as"),
    ("seed = ", 2, "pyproject.toml: Invalid value"),
]


@pytest.mark.parametrize(("line", "status", "message"), SETTINGS)
def test_settings(folder, capsys, line, status, message):
    (folder / "pyproject.toml").write_text(f"[tool.bpttcheck.check]\n{line}\n", encoding="utf-8")
    assert main(["check", "model.py", *FEW]) == status
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) <= 1 + (status == 0)


def test_the_nearest_settings_count_and_the_command_line_wins(folder, capsys, monkeypatch):
    text = "[tool.bpttcheck.check]\nseed = 7\nonly = ['a']\ncases = {T = [1, 2], regimes = 'given'}"
    (folder / "pyproject.toml").write_text(text)
    below = folder / "one" / "two"
    below.mkdir(parents=True)
    (folder / "one" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (below / "model.py").write_text(MODEL)
    monkeypatch.chdir(below)
    status, report = found(capsys, "model.py:wrong")
    assert (status, report["seed"]) == (0, 7)
    assert report["case"]["T"] <= 2
    status, report = found(capsys, "model.py:wrong", "--only", "b", "--seed", "3")
    assert (status, report["seed"]) == (1, 3)
    (below / "pyproject.toml").write_text("[tool.bpttcheck.check]\nthorough = true\n")
    assert settings.read(below) == {"thorough": True}
    (below / "pyproject.toml").write_text("[tool.bpttcheck]\ncheck = 3\n")
    assert main(["check", "model.py"]) == 2
    assert "tool.bpttcheck.check: expected a table" in capsys.readouterr().err


def test_several_targets(folder, capsys):
    targets = ("model.py", "model.py:wrong", "model.py:raises", "model.py:gone")
    assert main(["check", *targets, *FEW]) == 1
    out, err = capsys.readouterr()
    assert [line.split() for line in out.splitlines()[-4:]] == [
        ["right", "model.py"],
        ["wrong", "model.py:wrong"],
        ["undecided", "model.py:raises"],
        ["usage", "model.py:gone"],
    ]
    assert out.startswith("model.py\nright")
    assert "\nmodel.py:wrong\nwrong: " in out
    assert "bpttcheck: TARGET: model.py has no 'gone'" in err
    status, reports = found(capsys, *targets)
    assert [r["exit"] for r in reports] == [0, 1, 3, 2]
    assert [r["target"] for r in reports] == list(targets)
    assert reports[3]["error"]["kind"] == "usage"
    assert reports[3]["verdict"] is None
    assert status == 1


def test_the_worst_status_counts():
    assert check_command.WORST == (130, 4, 1, 2, 3, 0)


def program(*arguments, **options):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(
        [sys.executable, "-m", "bpttcheck", *arguments], text=True, encoding="utf-8", **options
    )


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


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full")
@pytest.mark.parametrize("json_too", [(), ("--json",)])
def test_a_report_that_cannot_be_written(folder, json_too):
    with open("/dev/full", "w") as full:
        process = program("check", "model.py:wrong", *FEW, *json_too, stdout=full)
        _, err = process.communicate()
    assert process.returncode == 4
    assert err.splitlines()[-1] == f"bpttcheck: cannot write to stdout: {os.strerror(errno.ENOSPC)}"
    assert "Traceback" not in err


@pytest.mark.parametrize("json_too", [(), ("--json",)])
def test_a_reader_that_leaves_gets_the_status_all_the_same(folder, json_too):
    reading, writing = os.pipe()
    os.close(reading)
    process = program("check", "model.py:wrong", *FEW, *json_too, stdout=writing)
    os.close(writing)
    _, err = process.communicate()
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "bpttcheck:" not in err


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(folder, closed):
    done = subprocess.run(
        f"{sys.executable} -m bpttcheck check model.py:wrong {' '.join(FEW)} {closed}",
        shell=True, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    if closed == ">&-":
        assert done.stderr.splitlines()[-1] == "bpttcheck: stdout is closed: nothing was printed"


@pytest.mark.skipif(os.name != "posix", reason="a shell")
@pytest.mark.parametrize(("target", "status"), [("model.py:wrong", 1), ("model.py:gone", 2)])
def test_without_stderr_nothing_of_it_reaches_stdout(folder, target, status):
    command = f"{sys.executable} -m bpttcheck check {target} {' '.join(FEW)} --json"
    done = subprocess.run(
        f"{command} --save-case case.json 2>&-",
        shell=True, capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == status
    assert json.loads(done.stdout)["exit"] == status


PLEASE = "this is an error of bpttcheck, not of your code; please report it"


def breaks(folder, error):
    (folder / "breaks.py").write_text(
        "import bpttcheck.check.search as search\nfrom model import problem\n"
        "from bpttcheck.check.clock import OutOfTime\n"
        f"def broken(*_, **__):\n    raise {error}\n"
        "search.check_problem = broken\n"
        "broken.__code__ = broken.__code__.replace(co_filename=search.__file__)\n"
    )


def test_a_limit_of_ours_that_is_not_kept_is_an_error_of_ours(folder, capsys):
    breaks(folder, "OutOfTime")
    assert main(["check", "breaks.py"]) == 4
    assert capsys.readouterr().err.startswith("bpttcheck: OutOfTime: ")


def test_an_error_of_ours_in_the_other_process(folder, capsys):
    breaks(folder, "KeyError('lost')")
    assert main(["check", "breaks.py"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("bpttcheck: KeyError: 'lost' (search.py:")
    assert PLEASE in err
    assert len(err.splitlines()) == 1
    assert main(["check", "breaks.py", "--debug"]) == 4
    assert "Traceback" in capsys.readouterr().err
    status, report = found(capsys, "breaks.py")
    assert (status, report["error"]["kind"], report["verdict"]) == (4, "internal", None)


def test_an_error_of_ours_in_this_process(folder, monkeypatch, capsys):
    def broken(*_):
        raise ZeroDivisionError("here")

    for command, place in (("check", check_command), ("verify", verify_command)):
        monkeypatch.setattr(place, f"run_{command}", broken)
        arguments = ["model.py"] * (command == "check")
        assert main([command, *arguments]) == 4
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("bpttcheck: ZeroDivisionError: here (test_check_options.py:")
        assert PLEASE in err
        assert len(err.splitlines()) == 1
        assert main([command, *arguments, "--debug"]) == 4
        assert "Traceback" in capsys.readouterr().err


def test_a_process_that_does_not_start(folder, monkeypatch, capsys):
    monkeypatch.setattr("bpttcheck.cli.process.PROGRAM", "import sys; sys.exit(5)")
    assert main(["check", "model.py"]) == 4
    err = capsys.readouterr().err
    assert "the process for your code did not start: exit status 5: this is an error of" in err


def test_params_that_raise_are_the_users_error(folder, capsys):
    (folder / "strange.py").write_text(
        "import model\n"
        "class Params(dict):\n"
        "    def keys(self):\n"
        "        raise KeyError('mine')\n"
        "    __iter__ = items = values = __getitem__ = keys\n"
        "def problem(case):\n"
        "    value_and_grad, params = model.problem(case)\n"
        "    return value_and_grad, Params(params)\n"
    )
    status, report = found(capsys, "strange.py")
    assert status == 3, report
    assert "raised KeyError at strange.py:4" in report["reason"]

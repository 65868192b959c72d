"""Options of ``bpttcheck check``, several targets, and exit statuses."""

import pytest

from bpttcheck.check.gradients import SECONDS
from bpttcheck.check.search import problem
from bpttcheck.cli import check, main, settings
from tests.cli.model import FEW, found
from tests.day import in_turn


@in_turn(2, 1)
def test_a_file_or_a_module_alone_means_its_problem(folder, capsys):
    for target in ("model.py", "model", "model:problem"):
        status, report = found(capsys, target)
        assert (status, report["verdict"], report["target"]) == (0, "right", target)


@in_turn(2, 1)
def test_only_some_gradients(folder, capsys):
    assert found(capsys, "model.py:wrong", "--only", "a")[0] == 0
    status, report = found(capsys, "model.py:wrong", "--only", "b, a")
    assert status == 1
    assert "b" in report["reason"]
    assert main(["check", "model.py:wrong", "--only", "c", *FEW]) == 2
    assert "'c'" in capsys.readouterr().err


@in_turn(2)
def test_only_some_cases(folder, capsys):
    target = "model.py:wrong_from_three_steps_on"
    assert found(capsys, target)[0] == 1
    assert found(capsys, target, "--cases", "T=1..2,n=1,regimes=given")[0] == 0
    assert main(["check", target, "--cases", "T=x", *FEW]) == 2
    assert "cases: expected" in capsys.readouterr().err


def test_the_verdict_alone(folder, capsys):
    status, report = found(capsys, "model.py:wrong", "--verdict-only")
    assert (status, report["verdict"]) == (1, "wrong")


@in_turn(2)
def test_a_case_is_kept_and_asked_again(folder, capsys):
    assert main(["check", "model.py:wrong", "--save-case", "case.json", *FEW]) == 1
    assert "case saved; again: bpttcheck check model.py:wrong" in capsys.readouterr().err
    status, report = found(capsys, "model.py:wrong", "--replay", "case.json")
    assert (status, report["verdict"]) == (1, "wrong")
    assert found(capsys, "model.py", "--replay", "case.json")[0] == 0
    assert main(["check", "model.py", "--save-case", "other.json", *FEW]) == 0
    assert "no case was saved: " in capsys.readouterr().err
    assert not (folder / "other.json").exists()


@pytest.mark.parametrize("name", ["broken.json", "broken\n.json"])
def test_a_file_that_is_no_saved_case(name, folder, capsys):
    (folder / name).write_text("{")
    assert main(["check", "model.py", "--replay", name]) == 2
    said = f"{' '.join(name.split())}: expected JSON of a saved case"
    assert said in capsys.readouterr().err


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
    assert settings.DEFAULTS["max_examples"] == problem.EXAMPLES
    assert settings.DEFAULTS["budget"] == problem.BUDGET
    assert settings.DEFAULTS["seconds"] == SECONDS


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


@in_turn(2, 1)
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
    assert check.WORST == (130, 4, 1, 2, 3, 0)


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

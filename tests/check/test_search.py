"""The search over shapes, its strategies, and ``bpttcheck check``."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings

import bpttcheck
from bpttcheck import strategies
from bpttcheck.cases import REGIMES, Case
from bpttcheck.check.search.problem import ALWAYS, check_problem
from bpttcheck.cli import main
from tests.day import in_turn, share
from tests.diagnosis.mistaken_rnn import drawn, network


def problem_with(mistake):
    """Return a problem whose inputs are fixed; its biases are zero, as they start in life."""

    def problem(case):
        params, y = drawn(case.rng, case.T, case.B, case.m, case.n, case.p)
        inputs = {name: params.pop(name) for name in ("x", "h0")}
        run = network(y, mistake)
        return lambda p: run({**p, **inputs}), params | {"b": np.zeros(case.n)}

    return problem


NEEDED = [  # the mistake, the least T, B and n at which it shows
    ("transpose", {"T": 2, "B": 1, "n": 2}, ["right at T = 1", "right at n = 1"]),
    ("no message", {"T": 2, "B": 1, "n": 1}, []),
    ("bias without batch", {"T": 1, "B": 2, "n": 1}, ["right at B = 1"]),
    ("stale h", {"T": 2, "B": 1, "n": 1}, ["right at T = 1"]),
]


@pytest.mark.parametrize(("mistake", "sizes", "lines"), NEEDED)
def test_the_smallest_case(mistake, sizes, lines):
    report = check_problem(problem_with(mistake), max_examples=5)
    assert report.verdict == "wrong"
    assert {s: getattr(report.case, s) for s in sizes} == sizes
    assert (report.case.m, report.case.p) == (1, 1)
    for line in lines:
        assert f"{line}, all else equal" in report.search["lines"]
        assert line in str(report)


def test_a_mistake_that_needs_filled_zeros():
    def problem(case):
        value_and_grad, params = problem_with("")(case)

        def lie(given):
            loss, grads = value_and_grad(given)
            return loss, grads | {"b": grads["b"] * (1 + given["b"])}

        return lie, params

    report = check_problem(problem, max_examples=5)
    assert report.verdict == "wrong"
    assert report.case.regime == "no zeros"
    assert "right at the parameters as the problem draws them" in report.search["lines"]


def test_right_at_every_case():
    seen = []

    def problem(case):
        seen.append(case)
        return problem_with("")(case)

    report = check_problem(problem, max_examples=10)
    assert report.ok, report
    assert set(ALWAYS) <= set(seen)
    assert any(c.T >= 8 and c.B >= 2 for c in ALWAYS)
    assert {c.regime for c in ALWAYS} == set(REGIMES)
    assert report.reason.endswith(f"of {sum(report.search['cases'].values())} cases")
    assert check_problem(problem, max_examples=10).to_dict() == report.to_dict()


@in_turn(2)
def test_one_point():
    params, y = drawn(np.random.default_rng(0))
    assert check_problem(lambda: (network(y), params)).ok
    assert check_problem(lambda: (network(y, "clipped"), params)).verdict == "wrong"
    with pytest.raises(TypeError, match=r"problem: expected the pair \(value_and_grad, params\)"):
        check_problem(lambda: 3)


def test_a_problem_that_raises_at_some_shapes():
    def problem(case):
        if case.B > 1:
            raise ValueError("one sequence at a time")
        return problem_with("")(case)

    report = check_problem(problem, max_examples=5)
    assert report.ok
    (group,) = report.search["undecided"]
    assert (group["where"], group["example"]["B"]) == ("B ≥ 2", 2)
    assert group["reason"].startswith("problem: raised ValueError at ")
    assert group["reason"].endswith(": one sequence at a time")


@given(strategies.cases())
@settings(max_examples=10, deadline=None)
def test_in_pytest(case):
    assert isinstance(case, Case)
    value_and_grad, params = problem_with("")(case)
    bpttcheck.assert_gradients(value_and_grad, params)


@given(strategies.cases(within={"T": (3, 20), "p": 1, "regimes": "given"}))
@settings(max_examples=20, deadline=None)
def test_in_pytest_within_what_makes_sense(case):
    assert (3 <= case.T <= 20, case.p, case.regime) == (True, 1, "given")


def test_cases():
    assert strategies.cases("rnn") is not None
    case = Case(T=2, regime="no zeros")
    filled = case.applied({"b": np.zeros(3), "W": np.ones(2), "k": np.arange(2), "w": 0.0})
    assert filled["b"].all()
    assert filled["W"].tolist() == [1, 1]
    assert filled["k"].tolist() == [0, 1]
    assert isinstance(filled["w"], float)
    assert filled["w"] != 0
    with pytest.raises(ValueError, match=r"^T: expected a whole number ≥ 1, got 0$"):
        Case(T=0)
    with pytest.raises(ValueError, match=r"^regime: expected one of given, no zeros, saturated"):
        Case(regime="huge")


MINE = """
import numpy as np

print("importing")

def sine(factor):
    def value_and_grad(params):
        return np.sin(params["a"]).sum(), {"a": factor * np.cos(params["a"])}
    return value_and_grad

def right(case):
    return sine(1), {"a": case.rng.normal(size=case.n)}

def wrong(case):
    return sine(1 + 0.1 * (case.n > 2)), {"a": case.rng.normal(size=case.n)}

def point():
    return sine(1), {"a": np.ones(2)}

def kink():
    return lambda p: (abs(p["a"]).sum(), {"a": np.sign(p["a"])}), {"a": np.zeros(1)}

def ints():
    return sine(1), {"a": [1, 2]}

number = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(MINE)
    (tmp_path / "broken.py").write_text("import nothing_of_that_name")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "mine", raising=False)
    return tmp_path


EXITS = [("right", 0), ("wrong", 1), ("point", 0), ("kink", 3)]


@pytest.mark.parametrize("place", share(["mine", "mine.py"], 2))
@pytest.mark.parametrize(("name", "status"), EXITS)
@in_turn(2)
def test_the_command(folder, capsys, place, name, status):
    assert main(["check", f"{place}:{name}", "--max-examples", "5", "--json"]) == status
    out = capsys.readouterr().out
    found = json.loads(out)
    assert EXIT[found["verdict"]] == status
    assert found["target"] == f"{place}:{name}"
    if name == "wrong":
        assert (found["case"]["n"], found["case"]["T"]) == (3, 1)
        assert found["search"]["lines"] == ["right at n = 2, all else equal"]
    assert main(["check", f"{place}:{name}", "--max-examples", "5"]) == status
    assert capsys.readouterr().out.startswith(found["verdict"])


EXIT = {"right": 0, "wrong": 1, "undecided": 3}

USAGE = [
    ("mine:", "TARGET: expected module:object, path/file.py:object or path/file.py, got 'mine:'"),
    (":f", "TARGET: expected module:object, path/file.py:object or path/file.py, got ':f'"),
    (".mine:f", "TARGET: expected module:object, path/file.py:object or path/file.py"),
    ("mine:a b", "TARGET: expected module:object, path/file.py:object or path/file.py"),
    (
        "mine:nothing",
        "TARGET: mine has no 'nothing'; did you mean one of sine, right, wrong, point",
    ),
    ("mine:rigth", "TARGET: mine has no 'rigth'; did you mean right?"),
    ("mine", "TARGET: mine has no 'problem'; did you mean one of sine, right"),
    ("mine.py", "TARGET: mine.py has no 'problem'; did you mean one of sine, right"),
    ("mine:number", "TARGET: expected a function, got number of type int"),
    ("nowhere:f", "TARGET: no module 'nowhere' for 'nowhere:f'"),
    ("nowhere.of.all:f", "TARGET: no module 'nowhere' for 'nowhere.of.all:f'"),
    ("./mine:right", "TARGET: expected module:object"),
    ("gone.py:f", "TARGET: no file gone.py"),
    ("mine:ints", "params['a']: expected an array of floats, got dtype int64"),
]


@pytest.mark.parametrize(("target", "message"), USAGE)
def test_usage(folder, capsys, target, message):
    assert main(["check", target]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"bpttcheck: {message}" in err


@in_turn(2, 1)
def test_as_a_program(folder):
    done = subprocess.run(
        [sys.executable, "-m", "bpttcheck", "check", "mine:wrong", "--max-examples", "3"],
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.startswith("wrong: gradient of a not the derivative of the loss")
    assert "importing mine" not in done.stderr  # what is being done is said, if it takes long


def test_a_file_of_numpys_name_beside_it(folder):
    (folder / "numpy.py").write_text("raise RuntimeError('not this one')")
    command = [sys.executable, "-m", "bpttcheck", "check", "mine:right", "--max-examples", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr

"""The mend of a check: in the report, from the command line, and in an assertion."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from bpttcheck import assert_gradients, check_gradients
from bpttcheck.check import check_problem
from bpttcheck.cli import main
from tests.day import in_turn
from tests.mend.points import module

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "mine.py"

MEND = """\
mend: mine.py, line 23, in backward
    - message = da @ W
    + message = da @ W.T
  the transpose of W: all gradients right at 10 of 10 cases, T ≤ 12
"""


@in_turn(2)
def test_the_command_line_prints_the_mend_and_writes_the_patch(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_bytes(HOW_TO.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert main(["check", "mine.py", "--max-examples", "4", "--patch", "fix.patch"]) == 1
    out, err = capsys.readouterr()
    assert MEND in out
    assert err.endswith("bpttcheck: patch written; apply it with: git apply fix.patch\n")
    assert (
        "-        message = da @ W\n+        message = da @ W.T\n" in Path("fix.patch").read_text()
    )
    assert (tmp_path / "mine.py").read_bytes() == HOW_TO.read_bytes()


@in_turn(2)
def test_without_a_mend(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_bytes(HOW_TO.read_bytes())
    monkeypatch.chdir(tmp_path)
    main(["check", "mine.py", "--no-mend", "--json", "--max-examples", "1", "--patch", "fix.patch"])
    out, err = capsys.readouterr()
    assert json.loads(out)["mend"] is None
    assert "--patch: no mend was found, and fix.patch was not written" in err
    assert not Path("fix.patch").exists()
    assert main(["check", "mine.py", "--patch", os.path.join("nowhere", "x")]) == 2
    assert "--patch: no folder for" in capsys.readouterr().err


STATEFUL = """
import numpy as np

STORE = {"seen": np.zeros(3)}
x = np.array([0.4, -1.2, 0.7])

def value_and_grad(params):
    w = params["w"]
    y = np.tanh(w * x)
    STORE["seen"] = x
    d = (1 - y) * x
    return y.sum(), {"w": d}
"""


def test_an_assertion_tells_the_mend_and_leaves_all_as_it_was(tmp_path):
    mine = module(tmp_path, STATEFUL)
    code, x = mine.value_and_grad.__code__, mine.x.copy()
    with pytest.raises(AssertionError, match=r"mine.py, line 11, in value_and_grad") as told:
        assert_gradients(mine.value_and_grad, {"w": np.array([0.3, -0.5, 1.1])})
    assert "    + d = (1 - y ** 2) * x" in str(told.value)
    assert mine.value_and_grad.__code__ is code
    assert np.array_equal(mine.x, x)


def test_a_right_function_has_no_mend(tmp_path):
    mine = module(tmp_path, STATEFUL.replace("1 - y", "1 - y * y"))
    assert check_gradients(mine.value_and_grad, {"w": np.array([0.3, -0.5, 1.1])}).mend is None


ADAPTED = """
import numpy as np

class Adapted:
    __module__ = "bpttcheck.adaptors.function"

    def __init__(self, run):
        self.run = run

    def __call__(self, params):
        return self.run(params)

def forward(w, x):
    return np.sin(w * x)

def backward(w, x, up):
    return up * np.cos(w * x) * x

def problem(case):
    x = case.rng.normal(size=case.n)
    up = case.rng.normal(size=case.n)

    def run(params):
        w = params["w"]
        return (forward(w, x) * up).sum(), {"w": backward(w, x, 2 * up)}

    return Adapted(run), {"w": case.rng.normal(size=case.n)}
"""


def test_what_an_adaptor_is_given_is_no_place_for_an_edit(tmp_path):
    mine = module(tmp_path, ADAPTED)
    report = check_problem(mine.problem, max_examples=2)
    assert report.mend is not None
    assert [edit.after for edit in report.mend.edits] == ["return 0.5 * (up * np.cos(w * x) * x)"]
    functions = {edit.function for other in report.mend.alternatives for edit in other}
    assert functions <= {"backward"}

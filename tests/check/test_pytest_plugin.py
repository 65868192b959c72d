"""The plugin for pytest, and what a property test costs: the last run alone is looked into."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpttcheck import assert_gradients, pytest_plugin
from bpttcheck.check import gradients
from bpttcheck.check.verdict.report import Report
from tests.day import in_turn

PLUGIN = ("-p", "bpttcheck.pytest_plugin", "-p", "no:cacheprovider", "-q", "--strict-markers")


def ran(folder, text):
    (folder / "test_mine.py").write_text("import pytest\n" + text)
    command = [sys.executable, "-m", "pytest", *PLUGIN, "--collect-only", "test_mine.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@in_turn(2, 1)
def test_a_test_runs_at_cases_that_the_marker_narrows(tmp_path):
    text = """
@pytest.mark.bptt(p=1, regimes=["given"])
class TestMine:
    @pytest.mark.bptt(T=(2, 3), examples=2)
    def test_backward(self, bptt_case):
        assert bptt_case.p == 1

def test_any(bptt_case):
    pass
"""
    status, said = ran(tmp_path, text)
    assert status == 0, said
    here = [line for line in said.splitlines() if "TestMine" in line]
    assert all("-p1-given-" in line and ("[T2" in line or "[T3" in line) for line in here)
    assert len(here) > 2 + 1, "those always visited, less what coincides, and two more"
    assert sum("test_any[" in line for line in said.splitlines()) == 6


@in_turn(2, 1)
def test_a_case_of_the_tests_own_stays_as_it_is(tmp_path):
    text = """
@pytest.mark.parametrize(("bptt_case", "other"), [(3, 4)])
def test_parameters(bptt_case, other):
    pass

class TestFixture:
    @pytest.fixture
    def bptt_case(self):
        return 3

    def test_fixture(self, bptt_case):
        pass

class TestOurs:
    @pytest.fixture
    def bptt_case(self, bptt_case):
        return bptt_case.T

    @pytest.mark.parametrize("other", [1, 2])
    def test_ours(self, bptt_case, other):
        pass
"""
    status, said = ran(tmp_path, text)
    assert status == 0, said
    counts = [
        sum(f"{name}[" in line or line.endswith(name) for line in said.splitlines())
        for name in ("test_parameters", "test_fixture", "test_ours")
    ]
    assert counts == [1, 1, 2 * 6]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"regime": ["given"]}, "bptt: expected some of T, B, m, n, p, regimes, got 'regime'; did"),
        ({"examples": -1}, "bptt: examples: expected a whole number ≥ 0, got -1"),
        ({"seed": "a"}, "bptt: seed: expected a whole number ≥ 0, got 'a'"),
        ({"T": (3, 2)}, "bptt['T']: expected a whole number ≥ 1, or a pair (least, most) of"),
    ],
    ids=str,
)
def test_a_marker_that_makes_no_sense(settings, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        pytest_plugin._cases(settings)


@in_turn(2)
def test_what_is_wrong_with_a_marker_is_one_line_that_names_the_test(tmp_path):
    status, said = ran(tmp_path, "@pytest.mark.bptt(3)\ndef test_mine(bptt_case):\n    pass\n")
    assert status == pytest.ExitCode.INTERRUPTED, said
    assert "test_mine.py::test_mine: bptt: expected names, as in bptt(T=(2, 12)), got 3" in said
    assert "pytest_plugin.py" not in said, "no line of ours"


def test_of_a_property_test_the_last_example_alone_is_looked_into(monkeypatch):
    asked = []

    def check(_function, params, **options):
        number = int(params["w"][0])
        asked.append((number, options))
        return Report("wrong" if number > 3 else "right", "of that number")

    monkeypatch.setattr(gradients, "check_gradients", check)

    @settings(database=None, derandomize=True, max_examples=30)
    @given(st.integers(0, 1000))
    def falsified(number):
        assert_gradients(print, {"w": np.array([float(number)])}, seed=5)

    with pytest.raises(AssertionError, match="of that number"):
        falsified()
    *before, (number, options) = asked
    assert (number, options) == (4, {"seed": 5})
    assert len(before) > 3
    assert all(o == {"seed": 5, "locate": False} for _, o in before)
    asked.clear()
    with pytest.raises(AssertionError, match="of that number"):
        assert_gradients(print, {"w": np.array([5.0])})
    assert asked == [(5, {})], "beside Hypothesis every run is the last"


def test_a_run_that_is_not_the_last_says_so_unless_it_is_looked_into(monkeypatch):
    def check(_function, params, **_options):
        number = int(params["w"][0])
        return Report("wrong" if number > 3 else "right", "of that number")

    monkeypatch.setattr(gradients, "check_gradients", check)
    told = []

    @settings(database=None, derandomize=True, max_examples=30)
    @given(st.integers(0, 1000), st.sampled_from([{}, {"locate": True}]))
    def caught(number, options):
        try:
            assert_gradients(print, {"w": np.array([float(number)])}, **options)
        except AssertionError as error:
            told.append((options, gradients.LATER in str(error)))

    caught()
    assert ({}, True) in told
    assert ({"locate": True}, False) in told
    assert all(later == (options == {}) for options, later in told)


SATURATED = """
import numpy as np
from bpttcheck import assert_gradients

@pytest.mark.bptt(T=1, B=1, n=2, regimes=["given", "saturated"])
@pytest.mark.parametrize("slip", [1.0, 1.01])
def test_backward(bptt_case, slip):
    size = 60.0 if bptt_case.regime == "saturated" else 0.5

    def value_and_grad(p):
        h = np.tanh(p["w"])
        return float((h**2).sum()), {"w": slip * 2 * h * (1 - h * h)}

    assert_gradients(value_and_grad, {"w": np.full(bptt_case.n, size)}, locate=False)
"""


@in_turn(2)
def test_a_saturated_case_that_shows_nothing_is_skipped(tmp_path):
    """Of the right program and of the wrong one; where there is something to see, both are told."""
    (tmp_path / "test_mine.py").write_text("import pytest\n" + SATURATED)
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-rs", "test_mine.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1]
    found = {what: int(n) for n, what in re.findall(r"(\d+) (passed|failed|skipped)", last)}
    assert found["passed"] == found["failed"] > 0, done.stdout
    assert found["skipped"] == 2, done.stdout
    assert "undecided at a saturated case: w: the gradient, zero, is below" in done.stdout

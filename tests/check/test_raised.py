"""Where somebody's code raised: the innermost of its own lines, and the first line it says."""

import random

import numpy as np
import pytest

from bpttcheck import check_gradients
from bpttcheck.check.program import raised
from bpttcheck.check.program.calls import Calls
from bpttcheck.check.program.contract import Broken

A = {"a": np.array([0.5, -1.0])}


def caught(function):
    with pytest.raises(Exception) as info:  # noqa: PT011
        function()
    return info.value


class Unreadable(Exception):
    def __str__(self):
        raise ValueError


class Panic(BaseException):
    """Like what extensions in Rust raise."""


def line(function):
    return function.__code__.co_firstlineno + 1


def own():
    [][1]


def in_numpy():
    np.linalg.inv(np.zeros((2, 3)))


def in_the_standard_library():
    random.sample([1], 2)


def as_text():
    exec("x = 1\ny = [][1]")


@pytest.mark.parametrize("function", [own, in_numpy, in_the_standard_library])
def test_the_innermost_line_of_ones_own(function):
    assert raised.where(caught(function)) == f"test_raised.py:{line(function)}"


def test_code_without_a_file():
    assert raised.where(caught(as_text)) == "<string>:2"
    assert raised.where(caught(lambda: compile("a b", "model.py", "exec"))) == "model.py:1"


def code_of(file):
    scope = {}
    exec(compile("def run():\n    raise ValueError('first\\nsecond')", file, "exec"), scope)
    return scope["run"]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("/home/me/model.py", "model.py:2"),
        ("/usr/lib/site-packages/theirs/model.py", "model.py:2"),
        ("/usr/lib/site-packages/numpy/linalg.py", ""),
        ("/anywhere/ipykernel_7/123456.py", "a cell of the notebook:2"),
    ],
)
def test_files(file, expected):
    error = caught(code_of(file))
    frame = error.__traceback__
    while frame.tb_next is not None:  # without the frames of this test
        frame = frame.tb_next
    assert raised.where(error.with_traceback(frame)) == expected


def test_what_it_says():
    place = f"test_raised.py:{line(own)}"
    assert raised.said(caught(own)) == f"IndexError at {place}: list index out of range"
    assert raised.message(caught(code_of("model.py"))) == "first"
    assert raised.message(Unreadable()) == "(what it says cannot be read)"


def raising(error):
    def value_and_grad(params):
        raise error

    return value_and_grad


@pytest.mark.parametrize("error", [SystemExit(3), Panic("at once"), GeneratorExit(), Unreadable()])
def test_it_is_in_the_report_and_in_broken(error):
    function = raising(error)
    place = f"test_raised.py:{line(function)}"
    report = check_gradients(function, A)
    assert report.verdict == "undecided"
    if not isinstance(error, SystemExit):
        assert f"raised {type(error).__name__} at {place}" in report.reason
    with pytest.raises(Broken) as info:
        Calls(function, None, A, None).value_and_grad(A)
    assert info.value.where == place


@pytest.mark.parametrize("error", [KeyboardInterrupt(), pytest.fail.Exception("no")])
def test_what_is_meant_for_whoever_runs(error):
    with pytest.raises(type(error)):
        check_gradients(raising(error), A)

"""No edit is tried of what goes anywhere in memory, and nothing is made of what is not finite."""

import numpy as np
import pytest

from bpttcheck.check import check_problem
from bpttcheck.mend.adjoints import Adjoint, Recogniser
from bpttcheck.mend.nudge import signs
from bpttcheck.mend.program import Program
from bpttcheck.mend.source import SourceFile
from bpttcheck.mend.unchecked import unchecked
from tests.mend.points import module


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from numpy.lib.stride_tricks import as_strided as view", "as_strided"),
        ("import numpy as np\nv = np.lib.stride_tricks.as_strided(a)", "as_strided"),
        ("from ctypes import memmove", "ctypes"),
        ("import os, ctypes.util", "ctypes.util"),
        ("from numpy.lib.stride_tricks import sliding_window_view", ""),
        ("import torch\nv = torch.as_strided(a, (2,), (1,))\nw = v.as_strided((1,), (1,))", ""),
    ],
)
def test_what_is_not_checked(text, name):
    found = unchecked(Program({"/a/mine.py": SourceFile("/a/mine.py", text)}, ()))
    assert found == (f"{name} in mine.py" if name else "")


STRIDED = """
import numpy as np
from numpy.lib.stride_tricks import as_strided

def value_and_grad(params):
    w = params["w"]
    dw = np.zeros_like(w)
    view = as_strided(dw, w.shape, dw.strides)
    view -= w
    return (w**2).sum() / 2, {"w": dw}

def problem(case):
    return value_and_grad, {"w": case.rng.normal(size=case.n)}
"""


def test_an_edit_could_write_elsewhere(tmp_path):
    report = check_problem(module(tmp_path, STRIDED).problem, max_examples=1)
    assert report.verdict == "wrong"
    assert report.mend.tried == 0
    assert report.mend.note == (
        "no edit is tried: as_strided in mine.py does not look where it reads and writes"
    )


def test_what_is_infinite_is_no_gradient():
    value = np.array([0.5, -0.25, 2.0])
    slopes = tuple(float((value * signs((3,), k)).sum()) for k in (1, 2))
    known = Recogniser([Adjoint("h", 1, 0, (3,), slopes)])
    assert known.recognised(value).factor == 1.0
    for other in (-np.inf, np.nan):
        assert known.recognised(np.array([other, *value[1:]])) is None

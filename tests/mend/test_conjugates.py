"""A conjugate is put in, or taken off."""

import numpy as np
import pytest

from bpttcheck.check import check_problem
from bpttcheck.mend.values import fits, kind
from tests.mend.points import mended, module
from tests.planted import replaced

PHASES = """
import numpy as np

T, n = 4, 3
rng = np.random.default_rng(3)
x, y = rng.normal(size=(T, n)), rng.normal(size=n) + 1j * rng.normal(size=n)
PARAMS = {"a": 0.7 * rng.normal(size=n), "b": 0.7 * rng.normal(size=n)}

def value_and_grad(params):
    c = params["a"] + 1j * params["b"]
    z = [np.zeros(n, complex)]
    for t in range(T):
        z.append(z[-1] * c + x[t])
    g = z[-1] - y
    loss, dc = (np.abs(g) ** 2).sum() / 2, np.zeros(n, complex)
    for t in reversed(range(T)):
        dc += g * z[t].conj()
        g = g * c.conj()
    return loss, {"a": dc.real, "b": dc.imag}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("g = g * c.conj()", "g = g * c"),
        ("dc += g * z[t].conj()", "dc += g * z[t]"),
        ("g = g * c.conj()", "g = g.conj() * c.conj()"),
    ],
)
def test_a_conjugate_is_mended(old, new, tmp_path):
    found = mended(tmp_path, PHASES, replaced(PHASES, old, new, "phases"))
    lines = [[(e.before.strip(), e.after.strip()) for e in found.edits]]
    lines += [[(e.before.strip(), e.after.strip()) for e in other] for other in found.alternatives]
    assert [(new, old)] in lines


COMPLEX = """
import numpy as np

def problem(case):
    T, B, n, draw = case.T, case.B, case.n, case.rng.normal
    x, y = draw(size=(T, B, n)), draw(size=(B, n))

    def value_and_grad(params):
        z = [x[0] * params["b"]]
        for t in range(T):
            z.append(z[-1] * params["a"] + x[t] * params["b"])
        g = z[-1] - y
        loss, da, db = (np.abs(g) ** 2).sum() / 2, np.zeros(n, complex), np.zeros(n, complex)
        for t in reversed(range(T)):
            da += (g * z[t].conj()).sum(0)
            db += (g * x[t]).sum(0)
            g = g * params["a"].conj()
        return loss, {"a": da, "b": db + (g * x[0]).sum(0)}

    return value_and_grad, {name: draw(size=n) + 1j * draw(size=n) for name in "ab"}
"""


def test_complex_parameters_of_two_conventions(tmp_path):
    """The one that is wrong looks like JAX's, and is larger: the other is PyTorch's."""
    wrong = replaced(COMPLEX, "z[t].conj()", "z[t]", "complex")
    report = check_problem(module(tmp_path, wrong).problem, max_examples=1)
    assert [edit.after.strip() in COMPLEX for edit in report.mend.edits] == [True]


def test_complex_arrays_are_a_kind_of_their_own():
    assert kind(1j * np.ones((2, 3))) == ("complex", (2, 3))
    assert not fits(("complex", (2, 3)), ("array", (2, 3)))
    assert kind(1j) == ("complex",)

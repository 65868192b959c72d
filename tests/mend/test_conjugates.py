"""A conjugate is put in, or taken off."""

import numpy as np
import pytest

from bpttcheck.mend.values import fits, kind
from tests.mend.points import mended
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


def test_complex_arrays_are_a_kind_of_their_own():
    assert kind(1j * np.ones((2, 3))) == ("complex", (2, 3))
    assert not fits(("complex", (2, 3)), ("array", (2, 3)))
    assert kind(1j) == ("complex",)

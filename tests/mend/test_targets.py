"""What a statement sets, and parts of arrays: of another label, in place, the other half."""

import pytest

from tests.mend.points import mended
from tests.planted import replaced

LABELS = """
import numpy as np

T, p = 4, 3
rng = np.random.default_rng(5)
fed, labels = np.array([0, 2, 1, 2]), np.array([1, 0, 2, 0])
PARAMS = {"theta": rng.normal(size=p * p + p)}

def parts(theta):
    weight, bias = np.split(theta, [p * p])
    return weight.reshape(p, p), bias

def value_and_grad(params):
    weight, bias = parts(params["theta"])
    grads = np.zeros_like(params["theta"])
    dweight, dbias = parts(grads)
    loss = 0.0
    for t in range(T):
        z = weight[fed[t]] + bias
        e = np.exp(z - z.max())
        prob = e / e.sum()
        loss = loss - np.log(prob[labels[t]])
        dz = prob.copy()
        dz[labels[t]] -= 1
        dweight[fed[t]] += dz
        dbias += dz
    return loss, {"theta": grads}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("dz[labels[t]] -= 1", "dz[fed[t]] -= 1"),
        ("dbias += dz", "dbias = dbias + dz"),
    ],
)
def test_what_is_set_is_mended(old, new, tmp_path):
    found = mended(tmp_path, LABELS, replaced(LABELS, old, new, "labels"))
    assert [(edit.before.strip(), edit.after.strip()) for edit in found.edits] == [(new, old)]


def test_what_comes_to_nothing_is_looked_at(tmp_path):
    text = replaced(LABELS, "dbias += dz", "dbias = dbias + 1.0 * dz * 3.0", "labels")
    found = mended(tmp_path, LABELS, text, 2.0)
    assert "what is added to dbias here reaches no gradient" in [one.why for one in found.suspects]


HALVES = """
import numpy as np

n = 3
rng = np.random.default_rng(7)
y = rng.normal(size=2 * n)
PARAMS = {"a": rng.normal(size=n), "b": rng.normal(size=n)}

def value_and_grad(params):
    both = np.tanh(np.concatenate([params["a"], params["b"]]))
    d = (both - y) * (1 - both**2)
    return ((both - y) ** 2).sum() / 2, {"a": d[:n], "b": d[n:]}
"""


@pytest.mark.parametrize(("old", "new"), [("d[:n]", "d[n:]"), ("d[n:]", "d[:n]")])
def test_the_other_of_two_parts(old, new, tmp_path):
    found = mended(tmp_path, HALVES, replaced(HALVES, old, new, "halves"))
    assert [edit.after in HALVES for edit in found.edits] == [True]

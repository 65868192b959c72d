"""Lines that are named, and edits that come first: where the gradient is made, not what is kept."""

import pytest

from tests.mend.points import mended
from tests.planted import replaced

GATES = """
import numpy as np

T, B, n = 3, 2, 4
rng = np.random.default_rng(6)
x, y = rng.normal(size=(T, B, n)), rng.normal(size=(T, B, n))
PARAMS = {"Wz": rng.normal(size=(n, n)), "Wg": rng.normal(size=(n, n)), "s": rng.normal(size=n)}

def value_and_grad(p):
    h, a, kept, loss = np.zeros((B, n)), {}, [], 0.0
    for t in range(T):
        for k in "zg":
            a[k] = x[t] + h @ p["W" + k]
        z, g = 1 / (1 + np.exp(-a["z"])), np.tanh(a["g"])
        kept.append((h, z, g))
        h = z * h + (1 - z) * g
        loss = loss + (y[t] * h * p["s"]).sum()
    d = {k: np.zeros_like(v) for k, v in p.items()}
    dh_next = np.zeros((B, n))
    for t in reversed(range(T)):
        after = h
        h, z, g = kept[t]
        d["s"] += (y[t] * after).sum(axis=0)
        dh = y[t] * p["s"] + dh_next
        daz = dh * (h - g) * z * (1 - z)
        dag = dh * (1 - z) * (1 - g**2)
        dh_next = dh * z
        for k, da in (("z", daz), ("g", dag)):
            d["W" + k] += h.T @ da
            dh_next = dh_next + da @ p["W" + k].T
    return loss, d
"""


def test_the_line_is_named_where_no_edit_is_found(tmp_path):
    """It is right at the last step, where nothing is handed back: what came has to be known."""
    new = 'dh = y[t] * p["s"] + np.arctan(7 * dh_next) ** 3'
    wrong = replaced(GATES, 'dh = y[t] * p["s"] + dh_next', new, "gates")
    found = mended(tmp_path, GATES, wrong, 8.0)
    assert found.edits == ()
    assert found.suspects[0].line == 1 + wrong[: wrong.index(new)].count("\n")
    assert "dh_next is ∂L/∂(h" in found.suspects[0].why


SLIPS = [
    ('(("z", daz), ("g", dag))', 'zip("zg", (dag, daz))', 'for k, da in zip("zg", (daz, dag)):'),
    ("dag = dh * (1 - z) * (1 - g**2)", "dag = dh * (1 - z) * g * (1 - g)", None),
]


@pytest.mark.parametrize(("old", "new", "after"), SLIPS)
def test_two_values_exchanged_and_a_slope_of_two_factors(old, new, after, tmp_path):
    found = mended(tmp_path, GATES, replaced(GATES, old, new, "gates"))
    assert [one.after for one in found.edits] == [after or "dag = dh * (1 - z) * (1 - g ** 2)"]


KEPT = """
import numpy as np

rng = np.random.default_rng(7)
x, y = rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 2, 4))
PARAMS = {"W": rng.normal(size=(4, 4)), "b": rng.normal(size=4)}

def step(x, h, W, b, kept):
    after = np.tanh(x + h @ W + b)
    kept.append(W)
    kept.append((h, after))
    return after

def back(d, W, h, after):
    da = d * (1 - after**2)
    return da @ W.T, h.T @ da, da.sum(axis=0)

def value_and_grad(p):
    h, kept, loss = np.zeros((2, 4)), [], 0.0
    for t in range(3):
        h = step(x[t], h, p["W"], p["b"], kept)
        loss = loss + (y[t] * h).sum()
    dW, db, dh = np.zeros((4, 4)), np.zeros(4), np.zeros((2, 4))
    for t in reversed(range(3)):
        h, after = kept.pop()
        dh, more, less = back(y[t] + dh, kept.pop(), h, after)
        dW += more
        db += less
    return loss, {"W": dW, "b": db}
"""


def test_the_gradients_own_line_comes_before_what_is_kept_for_it(tmp_path):
    found = mended(tmp_path, KEPT, replaced(KEPT, "da @ W.T", "da @ W", "kept"))
    assert [edit.function for edit in found.edits] == ["back"]
    assert "step" in {one.function for edits in found.alternatives for one in edits}

"""What is not there is put in: terms, what they count, whole statements, slopes of whole rows."""

import subprocess

import pytest

from tests.day import share
from tests.mend.points import mended, module
from tests.planted import replaced

MIXED = """
import numpy as np

rng = np.random.default_rng(5)
x, y, step = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), 0.1
PARAMS = {"w": rng.normal(size=4), "g": rng.normal(size=4), "M": rng.normal(size=(4, 4))}

def value_and_grad(params):
    w, g, M = params["w"], params["g"], params["M"]
    e = np.exp(x * w)
    p = e / e.sum(axis=1, keepdims=True)
    c = x * g - (x * g).mean(axis=1, keepdims=True)
    r = np.sqrt((c**2).mean(axis=1, keepdims=True))
    u = c / r
    a = p @ M + u - step * (u * x)
    loss = ((a - y) ** 2).sum() / 2
    dw, dg, dM = np.zeros_like(w), np.zeros_like(g), np.zeros_like(M)
    for i in range(3):
        pi, ui, xi, ri, da = p[i], u[i], x[i], r[i], (a - y)[i]
        dp = M @ da
        ds = pi * (dp - (pi * dp).sum())
        du = da - step * (da * xi)
        dc = (du - du.mean() - ui * (du * ui).mean()) / ri
        dw += ds * xi
        dg += dc * xi
        dM += np.outer(pi, da)
    return loss, {"w": dw, "g": dg, "M": dM}
"""

SLIPS = [
    ("pi * (dp - (pi * dp).sum())", "pi * (1 - pi) * dp"),
    ("du - du.mean() - ui * (du * ui).mean()", "du - du.mean()"),
    ("da - step * (da * xi)", "da + 0"),
    ("        dw += ds * xi\n", ""),
    ("        dM += np.outer(pi, da)\n", ""),
]
"""A softmax's slope, what a norm takes off, a term that counts otherwise, two statements."""


@pytest.mark.parametrize(("old", "new"), share(SLIPS, 10))
def test_what_is_missing_is_put_in(old, new, tmp_path):
    found = mended(tmp_path, MIXED, replaced(MIXED, old, new, "mixed"))
    assert found.edits, found.note
    assert not found.partial
    (tmp_path / "mend.patch").write_text(found.patch)
    subprocess.run(["git", "apply", "mend.patch"], cwd=tmp_path, check=True)
    patched = (tmp_path / "mine.py").read_text()
    model, mine = module(tmp_path, MIXED, "right"), module(tmp_path, patched)
    (loss, truth), (ours, gradients) = (m.value_and_grad(m.PARAMS) for m in (model, mine))
    assert loss == ours
    for key, gradient in truth.items():
        assert gradients[key] == pytest.approx(gradient, rel=1e-9, abs=1e-12)


ROWS = """
import numpy as np

rng = np.random.default_rng(8)
x, y = rng.normal(size=(3, 2, 4)), rng.normal(size=(3, 2, 5))
PARAMS = {"W": rng.normal(size=(4, 4)), "V": rng.normal(size=(4, 5))}

def value_and_grad(params):
    W, V = params["W"], params["V"]
    h = np.zeros((4, 2, 4))
    for t in range(3):
        h[t + 1] = np.sin(x[t] + h[t] @ W)
    do = h[1:] @ V - y
    dW, dV, message = np.zeros_like(W), np.einsum("tbi,tbj->ij", h[1:], do), np.zeros((2, 4))
    for t in reversed(range(3)):
        dh = message + do[t] @ V.T
        da = dh * np.cos(x[t] + h[t] @ W)
        dW += h[t].T @ da
        message = da @ W.T
    return (do**2).sum() / 2, {"W": dW, "V": dV}
"""


def test_a_term_of_what_is_nowhere_read_by_step_is_put_to_a_name_alone(tmp_path):
    wrong = replaced(ROWS, "message + do[t] @ V.T", "message", "rows")
    found = mended(tmp_path, ROWS, wrong)
    assert [one.after for one in found.edits] == ["dh = message + do[t] @ V.T"]


def test_what_a_function_reads_of_its_makers_is_not_set(tmp_path):
    """Zeros that a loop reads may be a message that is never handed back, unless they are given."""
    text = ROWS.replace(
        "def value_and_grad(params):", "def made(idle):\n  def value_and_grad(params):"
    )
    head, _, body = text.partition("  def value_and_grad(params):")
    body = body.replace("\n", "\n  ").replace("dh = message", "dh = idle + message")
    right = f"{head}  def value_and_grad(params):{body}\n  return value_and_grad\n"
    right += "\nvalue_and_grad = made(np.zeros((2, 4)))\n"
    wrong = replaced(right, "+ do[t] @ V.T", "+ np.arctan(7 * do[t] @ V.T) ** 3", "made")
    assert mended(tmp_path, right, wrong, 3.0).edits == ()

"""Sums without their zero before the loop, and a message that a loop never hands back."""

import numpy as np
import pytest

from bpttcheck.mend.edits.accumulations import accumulations
from bpttcheck.mend.slots import statements
from bpttcheck.mend.source import SourceFile, functions
from tests.mend.points import applied, mended, module
from tests.planted import replaced

RIGHT = """
import numpy as np

rng = np.random.default_rng(8)
X, y = rng.normal(size=(5, 3)), rng.normal(size=2)
sizes = {"W": (4, 4), "U": (4, 3), "V": (2, 4), "b": 4}
PARAMS = {name: 0.5 * rng.normal(size=size) for name, size in sizes.items()}

def value_and_grad(params):
    W, U, V, b = (params[k] for k in "WUVb")
    hs = [np.zeros(4)]
    for x in X:
        hs.append(np.tanh(U @ x + W @ hs[-1] + b))
    e = V @ hs[-1] - y
    dh = V.T @ e
    dW = dU = db = 0
    for t in reversed(range(5)):
        da = dh * (1 - hs[t + 1] ** 2)
        db += da
        dW += np.outer(da, hs[t])
        dU += np.outer(da, X[t])
        dh = W.T @ da
    return 0.5 * (e @ e), {"W": dW, "U": dU, "V": np.outer(e, hs[-1]), "b": db}
"""


def test_sums_that_are_set_get_their_zeros(tmp_path):
    wrong = replaced(RIGHT, "    dW = dU = db = 0\n", "", "the zeros")
    for name in ("dW", "dU", "db"):
        wrong = replaced(wrong, f"{name} += ", f"{name} = ", name)
    found = mended(tmp_path, RIGHT, wrong)
    assert found.words.count("+= for =, from zero") == 3, found.note
    text = applied(wrong, found.edits)
    assert "    db = 0\n" in text
    assert text.count(" += ") == 3
    model, mine = module(tmp_path, RIGHT, "right"), module(tmp_path, text)
    (loss, truth), (ours, gradients) = (one.value_and_grad(one.PARAMS) for one in (model, mine))
    assert loss == ours
    for key, gradient in truth.items():  # the same sums in the same order, from zero
        np.testing.assert_array_equal(gradients[key], gradient)


def edits(lines):
    """Return the texts with sums from zero that a function of these lines may become."""
    text = "def back(given):\n" + "".join(f"    {line}\n" for line in lines)
    source = SourceFile("mine.py", text)
    (function,) = functions(source.tree).values()
    found = []
    for statement in statements(function):
        for one in accumulations(source, function, statement):
            if one.words == "+= for =, from zero":
                whole = text
                for piece in sorted(one.pieces, key=lambda p: p.start, reverse=True):
                    whole = whole[: piece.start] + piece.text + whole[piece.end :]
                found.append(whole.splitlines()[1:])
    return found


def test_the_zero_stands_before_the_outermost_loop():
    lines = ["for b in given:", "    for t in b:", "        d = t", "return d"]
    summed = ["d = 0", "for b in given:", "    for t in b:", "        d += t", "return d"]
    assert edits(lines) == [[f"    {line}" for line in summed]]


@pytest.mark.parametrize(
    "lines",
    [
        ["d = given", "return d"],  # no loop
        ["d = 0", "for t in given:", "    d = t"],  # it has its zero: += does
        ["for t in given:", "    d = t", "    x[0] = d"],  # the loop itself reads it
        ["for t in given:", "    given = t"],
        ["global d", "for t in given:", "    d = t"],
        ["for t in given:", "    d[0] = t"],
        ["x = 1; y = [0 for _ in given]", "if x:", "    d = x"],
    ],
)
def test_what_is_no_sum_from_zero(lines):
    assert edits(lines) == []


def test_a_message_that_starts_as_something_is_handed_back(tmp_path):
    """Of a loss of the last step alone: without it each step has the gradient of the last."""
    wrong = replaced(RIGHT, "        dh = W.T @ da\n", "", "the message")
    found = mended(tmp_path, RIGHT, wrong)
    assert [(one.before, one.after) for one in found.edits] in (
        [("", "dh = W.T @ da")],
        [("", "dh = da @ W")],
    )

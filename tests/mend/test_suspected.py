"""Lines that are named, and edits that come first: where the gradient is made, not what is kept."""

import pytest

from bpttcheck.mend import codes_of
from bpttcheck.mend.bench import Bench
from bpttcheck.mend.exchange import Living
from bpttcheck.mend.influence import reaches
from bpttcheck.mend.program import program_of
from bpttcheck.mend.suspects import suspects
from tests.day import in_turn
from tests.mend.points import mended, module, points
from tests.mend.test_missing import ROWS
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


def suspected(folder, right, *slips):
    """Return the first suspect of a text with slips, and the line of the first of them."""
    wrong = right
    for old, new in slips:
        wrong = replaced(wrong, old, new, "text")
    place, *_ = points(module(folder, wrong), module(folder, right, "right"))
    program = program_of(codes_of(place.call), lambda code: "points" in code.co_filename)
    bench = Bench(program, Living(program.living), program.codes())
    with bench.ready():
        reach = reaches(bench, place)
        bench.look(place)
        found, _, _ = suspects(bench, place, reach, place.run().right, lambda: False)
    return next(iter(found.values())), 1 + wrong[: wrong.index(slips[0][1])].count("\n")


def test_what_comes_from_several_gates_is_recognised(tmp_path):
    """It is right at the last step, where nothing is handed back: what came has to be known."""
    slip = ('dh = y[t] * p["s"] + dh_next', 'dh = y[t] * p["s"] + np.arctan(7 * dh_next) ** 3')
    first, line = suspected(tmp_path, GATES, slip)
    assert first.line == line
    assert "dh_next is ∂L/∂(h" in first.why


FILLED = [
    ("dW, dV, message =", "dW, dV, d ="),
    ("np.zeros((2, 4))", "np.zeros((4, 2, 4))"),
    ("dh = message + do[t] @ V.T", "d[t + 1] += do[t] @ V.T"),
    ("da = dh * np.cos", "da = d[t + 1] * np.cos"),
    ("message = da @ W.T", "d[t] = da @ W.T"),
]
"""Messages are kept in one array, which holds those of later steps alone."""


def test_a_row_is_read_and_not_the_array_that_is_still_being_filled(tmp_path):
    text = ROWS
    for old, new in FILLED:
        text = replaced(text, old, new, "rows")
    first, line = suspected(tmp_path, text, ("d[t + 1] * np.cos", "d[t + 1] * np.sin"))
    assert first.line == line
    assert first.why.startswith("d[t + 1] is ∂L/∂(")


PEEPHOLE = """
import numpy as np

T, B, n = 3, 2, 4
rng = np.random.default_rng(9)
x, y = rng.normal(size=(T, B, n)), rng.normal(size=(T, B, n))
PARAMS = {k: rng.normal(size=n) for k in ("f", "o", "g", "s")}

def value_and_grad(p):
    c, kept, loss = np.zeros((B, n)), [], 0.0
    for t in range(T):
        f, g, before = np.sin(x[t] + c * p["f"]), np.cos(x[t] * p["g"]), c
        c = f * before + g
        o = np.sin(x[t] + c * p["o"])
        loss = loss + (y[t] * o * c * p["s"]).sum()
        kept.append((before, c, f, o))
    d, message = {k: np.zeros(n) for k in p}, np.zeros((B, n))
    for t in reversed(range(T)):
        before, c, f, o = kept[t]
        d["s"] += (y[t] * o * c).sum(0)
        do = y[t] * c * p["s"] * np.cos(x[t] + c * p["o"])
        dc = y[t] * o * p["s"] + do * p["o"] + message
        df = dc * before * np.cos(x[t] + before * p["f"])
        d["o"] += (do * c).sum(0)
        d["f"] += (df * before).sum(0)
        d["g"] -= (dc * np.sin(x[t] * p["g"]) * x[t]).sum(0)
        message = dc * f + df * p["f"]
    return loss, d
"""


def test_a_gradient_of_some_uses_alone_is_where_the_slip_is(tmp_path):
    """What is made of it looks wrong; it is what lacks the message of a peephole."""
    first, line = suspected(tmp_path, PEEPHOLE, (' + do * p["o"] + message', " + message"))
    assert first.line == line
    assert "it is ∂L/∂(c) but for what line 14 makes of that" in first.why


@in_turn(2)
def test_what_a_statement_hands_back_is_put_in(tmp_path):
    """Three factors: no product of two that the function has comes to it."""
    whole = 'dc = y[t] * o * p["s"] + do * p["o"] + message'
    found = mended(tmp_path, PEEPHOLE, replaced(PEEPHOLE, whole, "dc = message", "peephole"))
    made = [one.after for one in found.edits]
    assert made == ['dc = message + do * p["o"] + p["s"] * y[t] * o']


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

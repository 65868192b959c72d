"""Several mistakes on the way back, put right line by line, by what each line is to make."""

import numpy as np
import pytest

from tests.day import share
from tests.mend.points import applied, mended, module
from tests.planted import replaced

LSTM = """
import numpy as np

rng = np.random.default_rng(6)
n, m, p, T = 3, 2, 2, 3
X, Y = rng.normal(size=(T, m, 1)), rng.normal(size=(T, p, 1))
PARAMS = {k: 0.7 * rng.normal(size=(n, n + m)) for k in ("Wf", "Wi", "Wc", "Wo")}
PARAMS["V"] = rng.normal(size=(p, n))

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def dsigmoid(y):
    return y * (1 - y)

def dtanh(y):
    return 1 - y * y

def forward(P):
    h, c, kept, loss = np.zeros((n, 1)), np.zeros((n, 1)), [], 0.0
    for t in range(T):
        z = np.vstack((h, X[t]))
        f, i, o = sigmoid(P["Wf"] @ z), sigmoid(P["Wi"] @ z), sigmoid(P["Wo"] @ z)
        g = np.tanh(P["Wc"] @ z)
        before = c
        c = f * before + i * g
        tc = np.tanh(c)
        h = o * tc
        e = P["V"] @ h - Y[t]
        loss += 0.5 * float((e * e).sum())
        kept.append((z, f, i, o, g, before, tc, h, e))
    return loss, kept

def value_and_grad(P):
    loss, kept = forward(P)
    d = {k: np.zeros_like(w) for k, w in P.items()}
    dh_next, dc_next = np.zeros((n, 1)), np.zeros((n, 1))
    for z, f, i, o, g, before, tc, h, e in reversed(kept):
        d["V"] += e @ h.T
        dh = P["V"].T @ e + dh_next
        do = dh * tc
        do_raw = do * dsigmoid(o)
        dc = dc_next + dh * o * dtanh(tc)
        dg = dc * i
        dg_raw = dg * dtanh(g)
        di_raw = dc * g * dsigmoid(i)
        df_raw = dc * before * dsigmoid(f)
        d["Wo"] += do_raw @ z.T
        d["Wc"] += dg_raw @ z.T
        d["Wi"] += di_raw @ z.T
        d["Wf"] += df_raw @ z.T
        dz = P["Wf"].T @ df_raw + P["Wi"].T @ di_raw + P["Wc"].T @ dg_raw + P["Wo"].T @ do_raw
        dh_next = dz[:n]
        dc_next = f * dc
    return loss, d
"""

RAW = ('P["Wc"].T @ dg_raw + P["Wo"].T @ do_raw', 'P["Wc"].T @ dg + P["Wo"].T @ do')
SLIPS = {
    "two names in one line": [RAW],
    "a function, a slope and two names": [
        ("return y * (1 - y)", "return y * (y - 1)"),
        ("o * dtanh(tc)", "o * dtanh(h)"),
        RAW,
    ],
}


@pytest.mark.parametrize("name", share(list(SLIPS), 2))
def test_lines_are_put_right_one_after_another(name, tmp_path):
    wrong = LSTM
    for old, new in SLIPS[name]:
        wrong = replaced(wrong, old, new, old)
    found = mended(tmp_path, LSTM, wrong)
    assert found.edits, found.note
    assert not found.partial
    model, mine = module(tmp_path, LSTM, "right"), module(tmp_path, applied(wrong, found.edits))
    (loss, truth), (ours, gradients) = (one.value_and_grad(one.PARAMS) for one in (model, mine))
    assert loss == ours
    for key, gradient in truth.items():
        bound = 2**10 * np.finfo(float).eps * np.abs(gradient).max()  # of a thousand roundings
        np.testing.assert_allclose(gradients[key], gradient, rtol=0, atol=bound)

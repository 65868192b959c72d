"""Slips that many make: an index that stands twice, a mean, a smoothed target, another number."""

import numpy as np
import pytest

from bpttcheck.mend.edits.statements import rewritten
from bpttcheck.mend.source import SourceFile, functions
from tests.day import share
from tests.mend.points import applied, mended, module
from tests.planted import replaced

EMBEDDED = """
import numpy as np

rng = np.random.default_rng(3)
ids, y = rng.integers(0, 3, size=(5, 3)), rng.normal(size=(5, 3, 4))
PARAMS = {"E": rng.normal(size=(6, 4)), "W": 0.5 * rng.normal(size=(4, 4))}

def value_and_grad(params):
    E, W = params["E"], params["W"]
    hs, loss = [np.zeros((3, 4))], 0.0
    for t in range(5):
        hs.append(np.tanh(E[ids[t]] + hs[-1] @ W))
        loss += 0.5 * ((hs[-1] - y[t]) ** 2).sum()
    dE, dW, dh_next = np.zeros_like(E), np.zeros_like(W), np.zeros((3, 4))
    for t in reversed(range(5)):
        da = (hs[t + 1] - y[t] + dh_next) * (1 - hs[t + 1] ** 2)
        dW += hs[t].T @ da
        np.add.at(dE, ids[t], da)
        dh_next = da @ W.T
    return loss, {"E": dE, "W": dW}
"""

AVERAGED = """
import numpy as np

rng = np.random.default_rng(4)
xs = [rng.normal(size=3) for _ in range(5)]
ys = [rng.normal(size=2) for _ in range(5)]
sizes = {"W": (4, 4), "U": (4, 3), "V": (2, 4)}
PARAMS = {name: 0.5 * rng.normal(size=size) for name, size in sizes.items()}

def forward(params):
    h, hs, losses, outs = np.zeros(4), [np.zeros(4)], [], []
    for x, y in zip(xs, ys):
        h = np.tanh(params["W"] @ h + params["U"] @ x)
        out = params["V"] @ h
        hs.append(h)
        outs.append(out)
        losses.append(0.5 * np.sum((out - y) ** 2))
    return np.mean(losses), hs, outs

def value_and_grad(params):
    loss, hs, outs = forward(params)
    grads = {k: np.zeros_like(v) for k, v in params.items()}
    dh_next = np.zeros(4)
    for t in reversed(range(len(xs))):
        dout = (outs[t] - ys[t]) / len(xs)
        grads["V"] += np.outer(dout, hs[t + 1])
        da = (params["V"].T @ dout + dh_next) * (1 - hs[t + 1] ** 2)
        grads["W"] += np.outer(da, hs[t])
        grads["U"] += np.outer(da, xs[t])
        dh_next = params["W"].T @ da
    return loss, grads
"""

BOTH_WAYS = """
import numpy as np

rng = np.random.default_rng(5)
X, Y = rng.normal(size=(5, 3, 2)), rng.normal(size=(5, 3, 4))
sizes = {"Wf": (3, 3), "Uf": (2, 3), "Wb": (3, 3), "Ub": (2, 3), "V": (6, 4)}
PARAMS = {name: 0.5 * rng.normal(size=size) for name, size in sizes.items()}

def run(x, W, U):
    hs = [np.zeros((x.shape[1], W.shape[0]))]
    for t in range(len(x)):
        hs.append(np.tanh(hs[-1] @ W + x[t] @ U))
    return np.array(hs)

def back(x, hs, W, U, dhs):
    dW, dU, dh = np.zeros_like(W), np.zeros_like(U), np.zeros_like(hs[0])
    for t in reversed(range(len(x))):
        da = (dhs[t] + dh) * (1 - hs[t + 1] ** 2)
        dW += hs[t].T @ da
        dU += x[t].T @ da
        dh = da @ W.T
    return dW, dU

def value_and_grad(params):
    hf = run(X, params["Wf"], params["Uf"])
    hb = run(X[::-1], params["Wb"], params["Ub"])
    both = np.concatenate([hf[1:], hb[1:][::-1]], axis=2)
    err = both @ params["V"] - Y
    loss = 0.5 * np.sum(err**2)
    dV = np.einsum("tbi,tbj->ij", both, err)
    dboth = err @ params["V"].T
    df, db = dboth[:, :, :3], dboth[:, :, 3:]
    dWf, dUf = back(X, hf, params["Wf"], params["Uf"], df)
    dWb, dUb = back(X[::-1], hb, params["Wb"], params["Ub"], db[::-1])
    return loss, {"Wf": dWf, "Uf": dUf, "Wb": dWb, "Ub": dUb, "V": dV}
"""

SMOOTHED = """
import numpy as np

rng = np.random.default_rng(7)
T, m, n, p, eps = 5, 3, 4, 6, 0.1
X, y = rng.normal(size=(T, m)), rng.integers(0, p, size=T)
sizes = {"W": (n, n), "U": (n, m), "V": (p, n), "c": p}
PARAMS = {name: 0.5 * rng.normal(size=size) for name, size in sizes.items()}

def value_and_grad(params):
    W, U, V, c = (params[k] for k in "WUVc")
    onehot = np.eye(p)[y]
    h = np.zeros((T + 1, n))
    probs, loss = np.zeros((T, p)), 0.0
    for t in range(T):
        h[t] = np.tanh(U @ X[t] + W @ h[t - 1])
        o = V @ h[t] + c
        e = np.exp(o - o.max())
        probs[t] = e / e.sum()
        q = (1 - eps) * onehot[t] + eps / p
        loss -= np.sum(q * np.log(probs[t]))
    dW, dU, dV, dc = (np.zeros_like(params[k]) for k in "WUVc")
    dh_next = np.zeros(n)
    for t in range(T)[::-1]:
        q = (1 - eps) * onehot[t] + eps / p
        do = probs[t] - q
        dV += np.outer(do, h[t])
        dc += do
        da = (V.T @ do + dh_next) * (1 - h[t] * h[t])
        dW += np.outer(da, h[t - 1])
        dU += np.outer(da, X[t])
        dh_next = W.T @ da
    return loss, {"W": dW, "U": dU, "V": dV, "c": dc}
"""

PROGRAMS = {
    "embedded": EMBEDDED,
    "averaged": AVERAGED,
    "both ways": BOTH_WAYS,
    "smoothed": SMOOTHED,
}

SLIPS = [
    ("embedded", "np.add.at(dE, ids[t], da)", "dE[ids[t]] += da"),
    ("averaged", "(outs[t] - ys[t]) / len(xs)", "outs[t] - ys[t]"),
    ("both ways", "db[::-1])", "db)"),
    ("smoothed", "probs[t] - q\n", "probs[t] - onehot[t]\n"),
    ("smoothed", "onehot[t] + eps / p\n        do", "onehot[t]\n        do"),
    ("smoothed", "(1 - h[t] * h[t])", "(0.5 - h[t] * h[t])"),
]


@pytest.mark.parametrize(("name", "old", "new"), share(SLIPS, 3))
def test_a_usual_slip_is_mended(name, old, new, tmp_path):
    right = PROGRAMS[name]
    wrong = replaced(right, old, new, name)
    found = mended(tmp_path, right, wrong)
    assert len(found.edits) == 1, found.note
    model, mine = module(tmp_path, right, "right"), module(tmp_path, applied(wrong, found.edits))
    (loss, truth), (ours, gradients) = (one.value_and_grad(one.PARAMS) for one in (model, mine))
    assert loss == ours
    for key, gradient in truth.items():
        np.testing.assert_allclose(gradients[key], gradient, rtol=1e-9, atol=1e-12)


AT = [
    ("x[i] += y", "np.add.at(x, i, y)"),
    ("x[rows, f(cols)] -= y", "np.subtract.at(x, (rows, f(cols)), y)"),
    ("x[:, i] += y", "np.add.at(x, np.s_[:, i], y)"),
    ("x[0] += y", None),
]


@pytest.mark.parametrize(("before", "after"), AT)
def test_what_counts_each_index_is_written_for_any_index(before, after):
    source = SourceFile("mine.py", f"import numpy as np\ndef back():\n    {before}\n")
    (function,) = functions(source.tree).values()
    texts = [text for one in rewritten(source, function) for _, text in one.texts]
    assert [text for text in texts if ".at(" in text] == ([] if after is None else [after])

"""Embeddings of tokens, tied weights, and weights with a column for the bias."""

import numpy as np
import pytest

from tests.day import in_turn, share
from tests.diagnosis.diagnosed import found_at


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def split(a):
    i, f, o, g = np.split(a, 4, axis=1)
    return sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)


def step(a, h, c):
    """Return the next state and cell of an LSTM, or of an RNN where c is None, and the cache."""
    if c is None:
        h = np.tanh(a)
        return h, None, (h,)
    i, f, o, g = split(a)
    new = f * c + i * g
    return o * np.tanh(new), new, (c, i, f, o, g, new)


def back(dh, dc, cache, keep=True):
    """Return the gradients of the pre-activation and of the cell before."""
    if len(cache) == 1:
        return dh * ((1 - cache[0] ** 2) if keep else 1), 0.0
    c, i, f, o, g, new = cache
    dc = dc + dh * o * (1 - np.tanh(new) ** 2)
    da = [dc * g * i * (1 - i), dc * c * f * (1 - f), dh * np.tanh(new) * o * (1 - o),
          dc * i * (1 - g * g)]  # fmt: skip
    return np.concatenate(da, axis=1), dc * (f if keep else 1)


def language(case, cell, slip, tied):
    """Return a network that reads an embedding at tokens (B, T) and predicts the next ones."""
    T, B, n, K, rng = case.T, case.B, case.n, case.p + 3, case.rng
    m, gates = (n if tied else case.m), 4 if cell == "lstm" else 1
    tokens = rng.integers(0, K, size=(B, T + 1))
    params = {"emb": rng.normal(size=(K, m)), "Wx": rng.normal(size=(m, gates * n)),
              "Wh": rng.normal(size=(n, gates * n)) / 2, "b": np.zeros(gates * n)}  # fmt: skip
    params |= ({} if tied else {"Vo": rng.normal(size=(n, K))}) | {"bo": np.zeros(K)}

    def value_and_grad(p):
        out = p["emb"].T if tied else p["Vo"]
        x, h, steps, loss = p["emb"][tokens[:, :-1]], np.zeros((B, n)), [], 0.0
        c = np.zeros((B, n)) if cell == "lstm" else None
        for t in range(T):
            before = h
            h, c, cache = step(x[:, t] @ p["Wx"] + h @ p["Wh"] + p["b"], h, c)
            s = h @ out + p["bo"]
            q = np.exp(s) / np.exp(s).sum(1, keepdims=True)
            loss -= np.log(q[np.arange(B), tokens[:, t + 1]]).sum()
            steps.append((before, h, cache, q - np.eye(K)[tokens[:, t + 1]]))
        g = {k: np.zeros_like(v) for k, v in p.items()}
        dx, dV, dh, dc = np.zeros_like(x), 0.0, 0.0, 0.0
        for t in reversed(range(T)):
            before, h, cache, d = steps[t]
            dV = dV + h.T @ d
            g["bo"] += d.sum(0)
            da, dc = back(d @ out.T + dh, dc, cache)
            g["Wx"] += x[:, t].T @ da
            g["Wh"] += before.T @ da
            g["b"] += da.sum(0)
            dx[:, t] = da @ p["Wx"].T
            dh = da @ (p["Wh"] if slip == "transpose" else p["Wh"].T)
        if slip == "overwritten":
            g["emb"][tokens[:, :-1]] += dx
        elif slip == "in a step":
            for t in range(T):
                g["emb"][tokens[:, t]] += dx[:, t]
        elif slip == "unknown":
            np.add.at(g["emb"], tokens[:, :-1], np.sin(dx))
        elif slip == "half":
            np.add.at(g["emb"], tokens[:, :-1:2], dx[:, ::2])
        else:
            np.add.at(g["emb"], tokens[:, :-1], dx)
        if not tied:
            return loss, g | {"Vo": dV}
        if slip != "once":
            g["emb"] += dV.T if slip != "sine" else np.sin(dV.T)
        return loss, g

    return value_and_grad, params


@pytest.mark.parametrize("tied", share([False, True], 2))
@pytest.mark.parametrize(
    ("cell", "slip", "cause"),
    share([("rnn", "", ""), ("rnn", "overwritten", "rows-overwritten"), ("rnn", "unknown", ""),
     ("rnn", "in a step", "rows-overwritten"), ("rnn", "transpose", "recurrent-transpose"),
     ("rnn", "half", ""), ("lstm", "", ""), ("lstm", "overwritten", "rows-overwritten"),
     ("lstm", "half", "")], 5),
)  # fmt: skip
@in_turn(2)
def test_an_embedding(cell, slip, cause, tied):
    found = found_at(lambda case: language(case, cell, slip, tied))
    assert (found.name if hasattr(found, "name") else "") == cause
    assert hasattr(found, "name") or "recognised" in found or "within the bound" in found


@pytest.mark.parametrize("cell", share(["rnn", "lstm"], 2))
@pytest.mark.parametrize(("slip", "cause"), share([("once", "tied-weights-once"), ("sine", "")], 2))
@in_turn(2, 1)
def test_tied_weights(cell, slip, cause):
    found = found_at(lambda case: language(case, cell, slip, True))
    assert (found.name if hasattr(found, "name") else "") == cause


def packed(case, order, cell, right, turned):
    """Return a network whose weights and bias are one array; targets (T, B, 1, p)."""
    T, B, m, n, p, rng = case.T, case.B, case.m, case.n, case.p, case.rng
    gates = 4 if cell == "lstm" else 1
    W = rng.normal(size=(1 + m + n, gates * n)) / 2
    params = {"W": W.T if turned else W, "V": rng.normal(size=(n, p))}
    x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, 1, p))
    sizes = {"1": 1, "x": m, "h": n}
    start = sum(sizes[k] for k in order[: order.index("h")])

    def value_and_grad(q):
        W = q["W"].T if turned else q["W"]
        h, c = np.zeros((B, n)), np.zeros((B, n)) if cell == "lstm" else None
        steps, loss = [], 0.0
        for t in range(T):
            z = np.concatenate([{"1": np.ones((B, 1)), "x": x[t], "h": h}[k] for k in order], 1)
            h, c, cache = step(z @ W, h, c)
            e = h @ q["V"] - y[t, :, 0]
            loss += (e**2).sum() / 2
            steps.append((z, h, cache, e))
        dV, dW, dh, dc = 0.0, 0.0, 0.0, 0.0
        for z, h, cache, e in reversed(steps):
            dV = dV + h.T @ e
            da, dc = back(e @ q["V"].T + dh, dc, cache, right)
            dW = dW + z.T @ da
            dh = (da @ W.T)[:, start : start + n]
        return loss, {"W": dW.T if turned else dW, "V": dV}

    return value_and_grad, params


@pytest.mark.parametrize("order", share(["1xh", "1hx", "xh1", "hx1"], 2))
@pytest.mark.parametrize(
    ("cell", "cause"), [("rnn", "slope-missing"), ("lstm", "forget-gate-missing")]
)
@in_turn(2, 1)
def test_weights_with_a_column_for_the_bias(order, cell, cause):
    turned = order[0] == "1"
    assert found_at(lambda case: packed(case, order, cell, False, turned)).name == cause
    assert "within the bound" in found_at(lambda case: packed(case, order, cell, True, turned))

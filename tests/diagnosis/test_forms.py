"""Forms of networks, and kinds of mistakes, that public code has; and decoys for each."""

import numpy as np
import pytest

from bpttcheck import adaptors
from bpttcheck.check import gallery
from tests.day import share
from tests.diagnosis.diagnosed import found_at, named

LSTM = gallery.NETWORKS["LSTM"][0]
RNN = gallery.NETWORKS["vanilla RNN"][0]


def edited(source, *edits):
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return gallery.problem_with(source=source)


TRANSPOSED = ("message = da @ W\n", "message = da @ W.T\n")
MADE = 'a[k][t] = x[t] @ q["U" + k].T + h[t] @ q["W" + k].T'
FROM = 'j = k.replace("{}", "{}"); a[k][t] = x[t] @ q["U" + {}].T + h[t] @ q["W" + j].T'
CANDIDATE = "da_g = dc * i[t] * (1 - g[t] ** 2)"
NEXT = 'dh = ds[t] @ q["V"] + dh_next'
CELL = "** 2) + dc_next"
STATES = ('dh = ds[t] @ q["V"] + dh_next', 'dh = ds[t] @ q["V"]')
KINDS = [
    # messages dropped, but into h_0 and c_0
    ("recurrent-message-dropped", LSTM, [STATES, (CELL, "** 2)")]),
    ("", LSTM, [(NEXT, NEXT.replace("dh_next", "np.sin(dh_next)"))]),
    # what is not known of the cell leaves the output gate's, which hears of the state alone
    ("recurrent-terms-missing", LSTM, [STATES, (CELL, f"{CELL} * 0.1")]),
    # tanh c_t for the candidate
    ("cell-for-candidate", LSTM, [("da_i = dc * g[t]", "da_i = dc * np.tanh(c[t + 1])"),
     (CANDIDATE, "da_g = dc * i[t] * (1 - np.tanh(c[t + 1]) ** 2)")]),
    ("", LSTM, [("da_i = dc * g[t]", "da_i = dc * np.sin(c[t + 1])")]),
    ("", LSTM, [(CANDIDATE, "da_g = dc * i[t] * (1 - np.tanh(2 * c[t + 1]) ** 2)")]),
    # a whole cell's cache
    ("cache-reused", LSTM, [(NEXT, 'dh, t = ds[t] @ q["V"] + dh_next, 0')]),
    ("cache-reused", RNN, [("dh = do[t] @ V + message", "dh, s, t = do[t] @ V + message, t, T - 1"),
     ("dx[t] =", "dx[s] =")]),
    ("", LSTM, [(NEXT, 'dh, t = ds[t] @ q["V"] + dh_next, t // 2')]),
    # a gate made with another's weights
    ("gate-from-another", LSTM, [(MADE, FROM.format("i", "g", "j"))]),
    ("gate-from-another", LSTM, [(MADE, FROM.format("f", "o", "k"))]),
    ("", LSTM, [(MADE, FROM.format("f", "o", "j")), ("= f[t] * dc", "= np.sin(dc)")]),
    ("", LSTM, [(MADE, MADE.replace('"W" + k', '"W" + ("o" if (k, t) == ("f", 0) else k)'))]),
    ("", LSTM, [(MADE, f"{MADE} * (0.9 if k == 'f' else 1)")]),
    # f′ where the forward pass has f(x/2)
    ("gate-slope-scaled", LSTM, [("i[t] * (1 - i[t])", "(1 - np.tanh(a['i'][t] / 2) ** 2)")]),
    ("slope-of-another-function", RNN, [("np.tanh(a[t])", "np.tanh(a[t] / 2)")]),
    ("recurrent-transpose", RNN, [("np.tanh(a[t])", "np.tanh(a[t] / 2)"),
     ("(1 - h[t + 1] ** 2)", "(1 - h[t + 1] ** 2) / 2"), TRANSPOSED]),
    ("", LSTM, [("i[t] * (1 - i[t])", "3 * i[t] * (1 - i[t])")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cause", "source", "edits"),
    share([pytest.param(*one, id=f"{k} {one[0]}") for k, one in enumerate(KINDS)], 16),
)
def test_kinds(cause, source, edits):
    assert named(edited(source, *edits)) == cause


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm_step(p, x, h, c):
    i, f, o, g = np.split(x @ p["Wx"] + h @ p["Wh"] + p["b"], 4, axis=1)
    i, f, o, g = sigmoid(i), sigmoid(f), sigmoid(o), np.tanh(g)
    new = f * c + i * g
    return o * np.tanh(new), new, (p, x, h, c, i, f, o, g, new)


def lstm_back(dh, dc, cache, slip):
    p, x, h, c, i, f, o, g, new = cache
    dc = dc + dh * o * (1 - np.tanh(new) ** 2)
    da = np.concatenate([dc * g * i * (1 - i), dc * c * f * (1 - f),
                         dh * np.tanh(new) * o * (1 - o), dc * i * (1 - g**2)], axis=1)  # fmt: skip
    weights = {"Wx": x.T @ da, "Wh": h.T @ da, "b": da.sum(0)}
    return da @ p["Wx"].T, da @ p["Wh"].T, dc if slip == "no f" else dc * f, weights


def lstm_params(case):
    T, B, m, n, rng = case.T, case.B, case.m, case.n, case.rng
    states = {"h0": rng.normal(size=(B, n)), "c0": rng.normal(size=(B, n))}
    weights = {"Wx": rng.normal(size=(m, 4 * n)), "Wh": rng.normal(size=(n, 4 * n)) / 2}
    return weights | {"b": np.zeros(4 * n)}, rng.normal(size=(T, B, m)), states


def by_cell(case, slip):
    weights, x, states = lstm_params(case)
    return adaptors.from_cell(lstm_step, lambda *a: lstm_back(*a, slip), weights, x, states)


def by_vjp(case, slip):
    """All h_t, the last h and the last c."""
    weights, x, states = lstm_params(case)

    def forward(p):
        h, c, out, caches = p["h0"], p["c0"], [], []
        for x_t in p["x"]:
            h, c, cache = lstm_step(p, x_t, h, c)
            out.append(h)
            caches.append(cache)
        return np.stack(out), h, c, caches

    def backward(dout, dh, dc, caches):
        g = dict.fromkeys(weights, 0.0)
        dx = []
        dh = 0.0 * dh if slip == "no h_T" else dh
        dc = 0.0 * dc if slip == "no c_T" else np.sin(dc) if slip == "?" else dc
        for d, cache in zip(dout[::-1], caches[::-1], strict=True):
            back, dh, dc, own = lstm_back(d + dh, dc, cache, slip)
            dx.append(back)
            g = {k: g[k] + own[k] for k in g}
        return g | {"x": np.stack(dx[::-1]), "h0": dh, "c0": dc}

    return adaptors.from_vjp(forward, backward, weights | {"x": x} | states)


@pytest.mark.parametrize(
    ("make", "slip", "cause"),
    share([(by_cell, "", ""), (by_cell, "no f", "forget-gate-missing"), (by_vjp, "", ""),
     (by_vjp, "no f", "forget-gate-missing"), (by_vjp, "no c_T", "output-ignored"),
     (by_vjp, "no h_T", "output-ignored"), (by_vjp, "?", "")], 2),
)  # fmt: skip
def test_several_outputs(make, slip, cause):
    found = found_at(lambda case: make(case, slip))
    assert (found.name if hasattr(found, "name") else "") == cause
    assert found is not None, "recognised, whether or not there is a name"
    assert hasattr(found, "name") or "recognised" in found or "within the bound" in found


LAST = "((o - y) ** 2).sum() / 2"
LATE = [
    ("((o - y)[-3:] ** 2).sum() / 2", "do = (o - y) * (np.arange(T) >= T - 3)[:, None, None]", 3),
    ("((o - y)[2:] ** 2).sum() / 2", "do = (o - y) * (np.arange(T) >= 2)[:, None, None]", 2),
]


@pytest.mark.parametrize(("loss", "gradient", "steps"), share(LATE, 2))
@pytest.mark.parametrize("slip", ["", "T"])
def test_a_loss_of_some_last_steps(loss, gradient, steps, slip):
    edits = [(LAST, loss), ("        do = o - y", f"        {gradient}")]
    found = found_at(
        edited(RNN, *edits, ("message = da @ W\n", f"message = da @ W{'.T' * bool(slip)}\n"))
    )
    if slip:
        assert found.name == "recurrent-transpose"
        assert found.network.startswith("a vanilla RNN, tanh, squared error of ")
    else:
        assert "within the bound" in found
    forgotten = found_at(edited(RNN, edits[0]))
    assert forgotten.name == "mask-forgotten"

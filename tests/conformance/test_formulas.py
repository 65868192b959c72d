"""ONNX's and Keras's formulas through PyTorch's autograd, and a gate that replaces."""

import pytest

from bpttcheck import adaptors
from bpttcheck.conformance import LAYOUTS, check_conformance

torch = pytest.importorskip("torch", reason="PyTorch is optional: pip install .[torch]")


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        yield


def test_reset_before_for_reset_after():
    layout = LAYOUTS["onnx.GRU"]
    before = layout.but(outputs="h[T,B,n]")
    after = LAYOUTS["onnx.GRU, linear_before_reset"].but(outputs="h[T,B,n]")
    adapted = formula("onnx.GRU", gru, order="zrg", rows=False, after=False)
    assert check_conformance(*adapted, before).ok
    report = check_conformance(*adapted, after)
    assert report["outputs"].verdict == "wrong"
    told = "all is right with its reset gate before the product: cell 'gru', B "
    assert told in report.reason


def affine(p, x, h, names, rows):
    """Return x and h through their matrices, as rows or as columns."""
    U, W = p[names[0]], p[names[1]]
    return (x @ U, h @ W) if rows else (x @ U[0].T, h @ W[0].T)


def rnn(p, names, bias, rows, **_):
    x, h = p[names[2]], p["h"]
    states = []
    for x_t in x:
        a, b = affine(p, x_t, h, names, rows)
        h = torch.tanh(a + b + sum(bias(p)))
        states.append(h)
    return torch.stack(states)


def lstm(p, names, bias, rows, order):
    x, h, c = p[names[2]], p["h"], p["c"]
    states = []
    for x_t in x:
        a, b = affine(p, x_t, h, names, rows)
        gates = dict(zip(order, (a + b + sum(bias(p))).chunk(4, dim=-1), strict=True))
        i, f, o = (torch.sigmoid(gates[k]) for k in "ifo")
        c = f * c + i * torch.tanh(gates["g"])
        h = o * torch.tanh(c)
        states.append(h)
    return torch.stack(states)


def gru(p, names, bias, rows, order, after):
    x, h = p[names[2]], p["h"]
    ours, theirs = bias(p)
    W = p[names[1]] if rows else p[names[1]][0].T
    n = h.shape[-1]
    first = {k: slice(i * n, (i + 1) * n) for i, k in enumerate(order)}
    states = []
    for x_t in x:
        a, b = affine(p, x_t, h, names, rows)
        a, b = a + ours, b + theirs
        z, r = (torch.sigmoid(a[:, first[k]] + b[:, first[k]]) for k in "zr")
        inside = r * b[:, first["g"]] if after else (r * h) @ W[:, first["g"]]
        late = 0 if after else theirs[first["g"]]
        g = torch.tanh(a[:, first["g"]] + inside + late)
        h = z * h + (1 - z) * g
        states.append(h)
    return torch.stack(states)


KERAS = ("kernel", "recurrent_kernel", "inputs")
ONNX = ("W", "R", "X")


def formula(name, cell, *, rows, **options):
    """Return a cell by a library's formula, as its documentation has it."""
    layout = LAYOUTS[name]
    T, B, m, n = 4, 2, 3, 4
    k = {rnn: 1, lstm: 4, gru: 3}[cell]
    names = KERAS if rows else ONNX
    states = {}
    arrays = {names[0]: (m, k * n), names[1]: (n, k * n), names[2]: (B, T, m)}
    if not rows:
        arrays = {names[0]: (1, k * n, m), names[1]: (1, k * n, n), names[2]: (T, B, m)}
    two = cell is gru and options.get("after")
    arrays |= {"bias": (2, k * n) if two else (k * n,)} if rows else {"B": (1, 2 * k * n)}
    for what, (array, axes) in layout.sequences().items():
        if what != "x":
            arrays[array] = tuple({"1": 1, "B": B, "n": n}[a] for a in axes)
            states[what[0]] = array
    params = {key: torch.randn(shape) / 2 for key, shape in arrays.items()}

    def bias(p):
        if not rows:
            return p["B"][0, : k * n], p["B"][0, k * n :]
        return tuple(p["bias"]) if two else (p["bias"], torch.zeros(k * n, dtype=torch.float64))

    def call(p):
        given = {**p, **{s: p[a].reshape(B, n) for s, a in states.items()}}
        if rows:
            given[names[2]] = p[names[2]].transpose(0, 1)
        h = cell(given, names, bias, rows, **options)
        return h.transpose(0, 1) if rows else h

    return adaptors.from_torch(call, params)


FORMULAS = [
    ("onnx.RNN", rnn, False, {}),
    ("onnx.LSTM", lstm, False, {"order": "iofg"}),
    ("onnx.GRU", gru, False, {"order": "zrg", "after": False}),
    ("onnx.GRU, linear_before_reset", gru, False, {"order": "zrg", "after": True}),
    ("keras.SimpleRNN", rnn, True, {}),
    ("keras.LSTM", lstm, True, {"order": "ifgo"}),
    ("keras.GRU", gru, True, {"order": "zrg", "after": True}),
    ("keras.GRU, reset_after=False", gru, True, {"order": "zrg", "after": False}),
]


@pytest.mark.parametrize(("name", "cell", "rows", "options"), FORMULAS)
def test_formulas_of_other_libraries(name, cell, rows, options):
    layout = LAYOUTS[name] if rows else LAYOUTS[name].but(outputs="h[T,B,n]")
    adapted = formula(name, cell, rows=rows, **options)
    report = check_conformance(*adapted, layout)
    assert report.ok, report
    if cell is not rnn:
        order = options["order"]
        mixed = {**options, "order": order[1] + order[0] + order[2:]}
        liar = formula(name, cell, rows=rows, **mixed)
        assert check_conformance(*liar, layout).verdict == "wrong"


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_a_gate_that_replaces(scale):
    """Its 1 − z is near zero where the reference's z is, and as coarse as a number near one."""

    def outputs(p):
        h, states = p["h0"], []
        for x in p["x"]:
            a, W, n = x @ p["w_i"] + p["b"], p["w_h"], h.shape[-1]
            z, r = torch.sigmoid(a[:, : 2 * n] + h @ W[:, : 2 * n]).chunk(2, dim=-1)
            g = torch.tanh(a[:, 2 * n :] + (r * h) @ W[:, 2 * n :])
            h = (1 - z) * h + z * g
            states.append(h)
        return torch.stack(states)

    shapes = {"w_i": (3, 12), "w_h": (4, 12), "b": (12,), "x": (6, 2, 3), "h0": (2, 4)}
    torch.manual_seed(0)
    params = {k: (1 if k in ("x", "h0") else scale) * torch.randn(s) for k, s in shapes.items()}
    report = check_conformance(*adaptors.from_torch(outputs, params), "haiku.GRU")
    assert report.verdict == "right", report

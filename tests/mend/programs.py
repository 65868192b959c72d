"""Right programs of cells that no catalogue has, and slips in their text.

Each is a module with ``value_and_grad(params)`` and ``PARAMS``; a slip is a piece of the text, what
stands there instead, and ``how many`` times it does.
"""

LEAKY = """
import numpy as np

T, B, m, n, p = 4, 2, 3, 5, 6
rng = np.random.default_rng(1)
x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))
PARAMS = {k: 0.6 * rng.normal(size=s) for k, s in
          {"W": (n, n), "U": (m, n), "V": (n, p), "b": (n,), "c": (p,), "alpha": (n,)}.items()}

def squash(a):
    return a / np.sqrt(1 + a * a)

def value_and_grad(params):
    W, U, V, b, c, alpha = (params[k] for k in ("W", "U", "V", "b", "c", "alpha"))
    h, s, a, o, loss = {-1: np.zeros((B, n))}, {}, {}, {}, 0.0
    for t in range(T):
        a[t] = h[t - 1] @ W + x[t] @ U + b
        s[t] = squash(a[t])
        h[t] = (1 - alpha) * h[t - 1] + alpha * s[t]
        o[t] = h[t] @ V + c
        loss += 0.5 * ((o[t] - y[t]) ** 2).sum() / (T * B)
    dW, dU, dV = np.zeros_like(W), np.zeros_like(U), np.zeros_like(V)
    db, dc, dalpha = np.zeros_like(b), np.zeros_like(c), np.zeros_like(alpha)
    dh_next = np.zeros((B, n))
    for t in reversed(range(T)):
        do = (o[t] - y[t]) / (T * B)
        dV += h[t].T @ do
        dc += do.sum(axis=0)
        dh = do @ V.T + dh_next
        dalpha += (dh * (s[t] - h[t - 1])).sum(axis=0)
        ds = dh * alpha
        da = ds / (1 + a[t] * a[t]) ** 1.5
        dW += h[t - 1].T @ da
        dU += x[t].T @ da
        db += da.sum(axis=0)
        dh_next = da @ W.T + dh * (1 - alpha)
    return loss, {"W": dW, "U": dU, "V": dV, "b": db, "c": dc, "alpha": dalpha}
"""

LEAKY_SLIPS = [
    ("da @ W.T", "da @ W"),
    ("dc += do.sum(axis=0)", "dc = do.sum(axis=0)"),
    ("dh = do @ V.T + dh_next", "dh = do @ V.T"),
    ("(s[t] - h[t - 1])).sum", "(s[t] - h[t])).sum"),
    ("(s[t] - h[t - 1])).sum", "(h[t - 1] - s[t])).sum"),
    ("ds = dh * alpha", "ds = dh"),
    ("(1 + a[t] * a[t]) ** 1.5", "(1 + s[t] * s[t]) ** 1.5"),
    ("dW += h[t - 1].T @ da", "dW += h[t].T @ da"),
    ("dW += h[t - 1].T @ da", "dW += h[t - 1].T @ ds"),
    ("db += da.sum(axis=0)", "db += da.mean(axis=0)"),
    ("db += da.sum(axis=0)", "db += da[0]"),
    (" + dh * (1 - alpha)", " + dh * alpha"),
    (" + dh * (1 - alpha)", " + ds * (1 - alpha)"),
    (" + dh * (1 - alpha)", ""),
    ("do = (o[t] - y[t]) / (T * B)", "do = (o[t] - y[t]) / T"),
    ("do = (o[t] - y[t]) / (T * B)", "do = 2 * (o[t] - y[t]) / (T * B)"),
    ("for t in reversed(range(T)):", "for t in reversed(range(1, T)):"),
    ("for t in reversed(range(T)):", "for t in range(T):"),
    (
        "        dh_next = da @ W.T",
        "        da = np.clip(da, -1e-3, 1e-3)\n        dh_next = da @ W.T",
    ),
]

GATED = """
import numpy as np

T, B, m, n = 3, 2, 3, 4
rng = np.random.default_rng(2)
x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, n))
PARAMS = {f"{k}{g}": 0.7 * rng.normal(size=s) for g in "zrq"
          for k, s in {"W": (n, n), "U": (m, n), "b": (n,)}.items()}

def sigmoid(v):
    return 1 / (1 + np.exp(-v))

class Layer:
    def __init__(self, p):
        self.p = p

    def forward(self):
        p = self.p
        self.steps, h, self.out = [], np.zeros((B, n)), []
        for t in range(T):
            z = sigmoid(h @ p["Wz"] + x[t] @ p["Uz"] + p["bz"])
            r = sigmoid(h @ p["Wr"] + x[t] @ p["Ur"] + p["br"])
            q = np.sin((r * h) @ p["Wq"] + x[t] @ p["Uq"] + p["bq"])
            k = np.cos((r * h) @ p["Wq"] + x[t] @ p["Uq"] + p["bq"])
            new = z * h + (1 - z) * q
            self.steps.append({"h": h, "z": z, "r": r, "q": q, "k": k, "x": x[t]})
            self.out.append(new)
            h = new
        return 0.5 * sum(((o - v) ** 2).sum() for o, v in zip(self.out, y))

    def backward(self):
        p, g = self.p, {k: np.zeros_like(v) for k, v in self.p.items()}
        dh_next = np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            s = self.steps[t]
            dh = self.out[t] - y[t] + dh_next
            daq = dh * (1 - s["z"]) * s["k"]
            dm = daq @ p["Wq"].T
            daz = dh * (s["h"] - s["q"]) * s["z"] * (1 - s["z"])
            dar = dm * s["h"] * s["r"] * (1 - s["r"])
            g["Wz"] += s["h"].T @ daz
            g["Wr"] += s["h"].T @ dar
            g["Wq"] += (s["r"] * s["h"]).T @ daq
            g["Uz"] += s["x"].T @ daz
            g["Ur"] += s["x"].T @ dar
            g["Uq"] += s["x"].T @ daq
            g["bz"] += daz.sum(0)
            g["br"] += dar.sum(0)
            g["bq"] += daq.sum(0)
            dh_next = dh * s["z"] + dm * s["r"] + daz @ p["Wz"].T + dar @ p["Wr"].T
        return g

def value_and_grad(params):
    layer = Layer(params)
    return layer.forward(), layer.backward()
"""

GATED_SLIPS = [
    ('dh * (1 - s["z"]) * s["k"]', 'dh * s["z"] * s["k"]'),
    ('dh * (1 - s["z"]) * s["k"]', 'dh * (1 - s["z"]) * s["q"]'),
    ('(s["h"] - s["q"])', '(s["q"] - s["h"])'),
    ('dm * s["h"] * s["r"] * (1 - s["r"])', 'dm * s["h"] * (1 - s["r"] ** 2)'),
    ('dm * s["h"] * s["r"] * (1 - s["r"])', 'dm * s["r"] * (1 - s["r"])'),
    ('(s["r"] * s["h"]).T @ daq', 's["h"].T @ daq'),
    ('g["Wr"] += s["h"].T @ dar', 'g["Wr"] += s["h"].T @ daz'),
    ('g["bq"] += daq.sum(0)', 'g["bq"] += daz.sum(0)'),
    (' + dm * s["r"]', " + dm"),
    ('dar @ p["Wr"].T', 'dar @ p["Wz"].T'),
    ('daz @ p["Wz"].T + dar', "dar"),
    ('daq @ p["Wq"].T', 'daq @ p["Wq"]'),
]

TENSOR = """
import numpy as np

T, B, m, n = 3, 2, 4, 5
rng = np.random.default_rng(3)
x, v = rng.normal(size=(B, T, m)), rng.normal(size=(B, T, n))
PARAMS = {"A": 0.4 * rng.normal(size=(n, m, n)), "b": rng.normal(size=n)}

def forward(A, b):
    h = np.zeros((B, T + 1, n))
    for t in range(T):
        h[:, t + 1] = np.tanh(np.einsum("bi,imj,bm->bj", h[:, t], A, x[:, t]) + b)
    return h

def value_and_grad(params):
    A, b = params["A"], params["b"]
    h = forward(A, b)
    loss = (h[:, 1:] * v).sum()
    dA, db, carry = np.zeros_like(A), np.zeros_like(b), np.zeros((B, n))
    for t in reversed(range(T)):
        d = (v[:, t] + carry) * (1 - h[:, t + 1] ** 2)
        dA += np.einsum("bi,bm,bj->imj", h[:, t], x[:, t], d)
        db += np.einsum("bj->j", d)
        carry = np.einsum("bj,imj,bm->bi", d, A, x[:, t])
    return loss, {"A": dA, "b": db}
"""

TENSOR_SLIPS = [
    ('np.einsum("bj,imj,bm->bi", d, A', 'np.einsum("bj,jmi,bm->bi", d, A'),
    ("h[:, t], x[:, t], d)", "h[:, t + 1], x[:, t], d)"),
    ("(1 - h[:, t + 1] ** 2)", "(1 - h[:, t + 1]) ** 2"),
    ("(v[:, t] + carry)", "(v[:, t - 1] + carry)"),
    ('db += np.einsum("bj->j", d)', "db += d.sum()"),
]

COUPLED = """
import numpy as np

T, B, n = 4, 2, 3
rng = np.random.default_rng(4)
x, y = rng.normal(size=(T, B, n)), rng.normal(size=(T, B, n))
PARAMS = {k: 0.5 * rng.normal(size=(n, n)) for k in ("F", "M", "N")}

def value_and_grad(w):
    f, s, kept, loss = np.zeros((B, n)), np.zeros((B, n)), [], 0.0
    for t in range(T):
        a = x[t] + f @ w["F"] + s @ w["M"]
        b = f @ w["N"] - 0.5 * s
        kept.append((f, s, a, b))
        f, s = a / (1 + a**2), b / (1 + b**2)
        loss += 0.5 * ((s - y[t]) ** 2).sum() / x.size
    grads = {"F": 0.0, "N": 0.0, "M": 0.0}
    df, ds = np.zeros((B, n)), np.zeros((B, n))
    for t in reversed(range(T)):
        ds = ds + (s - y[t]) / x.size
        f, s, a, b = kept[t]
        da = df * (1 - a**2) / (1 + a**2) ** 2
        db = ds * (1 - b**2) / (1 + b**2) ** 2
        grads["F"] = grads["F"] + f.T @ da
        grads["M"] = grads["M"] + s.T @ da
        grads["N"] = grads["N"] + f.T @ db
        df = da @ w["F"].T + db @ w["N"].T
        ds = -0.5 * db + da @ w["M"].T
    return loss, grads
"""

COUPLED_SLIPS = [
    ('ds = -0.5 * db + da @ w["M"].T', "ds = -0.5 * db"),
    ("ds * (1 - b**2) / (1 + b**2) ** 2", "ds * (1 - b**2) / (1 + b**2) ** 3"),
    ("(s - y[t]) / x.size\n        f, s", "(s - y[t]) / (T * n)\n        f, s"),
    (
        'df = da @ w["F"].T + db @ w["N"].T\n        ds = -0.5 * db + da',
        'df = df @ w["F"].T + db @ w["N"].T\n        ds = -0.5 * db + df',
    ),
]
"""A term, a power, a size, and the same name in two statements that are no siblings."""

PROGRAMS = {
    "leaky": (LEAKY, LEAKY_SLIPS),
    "gated": (GATED, GATED_SLIPS),
    "tensor": (TENSOR, TENSOR_SLIPS),
    "coupled": (COUPLED, COUPLED_SLIPS),
}

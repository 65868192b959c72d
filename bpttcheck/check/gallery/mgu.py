"""A minimal gated unit, and what can go wrong where the candidate reads through the gate."""

SOURCE = """\
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {"h0": rng.normal(size=(B, n))}
    for k in "fg":
        params["U" + k] = rng.normal(size=(n, m))
        params["W" + k] = rng.normal(size=(n, n)) / np.sqrt(n)
        params["b" + k] = np.zeros(n)
    params["V"] = rng.normal(size=(p, n))
    x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))

    def value_and_grad(q):
        f, g = np.zeros((T, B, n)), np.zeros((T, B, n))
        h = np.zeros((T + 1, B, n))
        h[0] = q["h0"]
        for t in range(T):
            f[t] = sigmoid(x[t] @ q["Uf"].T + h[t] @ q["Wf"].T + q["bf"])
            g[t] = np.tanh(x[t] @ q["Ug"].T + (f[t] * h[t]) @ q["Wg"].T + q["bg"])
            h[t + 1] = (1 - f[t]) * h[t] + f[t] * g[t]
        s = h[1:] @ q["V"].T
        ds = s - y
        d = {name: np.zeros_like(value) for name, value in q.items()}
        d["V"] = np.einsum("tbi,tbj->ij", ds, h[1:])
        dh_next = np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            dh = ds[t] @ q["V"] + dh_next
            da_g = dh * f[t] * (1 - g[t] ** 2)
            dq = da_g @ q["Wg"]
            df = dh * (g[t] - h[t]) + dq * h[t]
            da_f = df * f[t] * (1 - f[t])
            dh_next = dh * (1 - f[t]) + dq * f[t] + da_f @ q["Wf"]
            for k, da, read in (("f", da_f, h[t]), ("g", da_g, f[t] * h[t])):
                d["U" + k] += da.T @ x[t]
                d["W" + k] += da.T @ read
                d["b" + k] += da.sum(0)
        d["h0"] = dh_next
        return ((s - y) ** 2).sum() / 2, d

    return value_and_grad, params
"""

MISTAKES = (
    ("gate-use-missing", " + dq * h[t]", ""),
    ("gate-use-wrong", "+ dq * h[t]", "+ da_g * h[t]"),
    ("reading-forgotten", "+ dq * f[t] +", "+ dq +"),
    ("reading-wrong", "+ dq * f[t] +", "+ dq * (1 - f[t]) +"),
)
"""The cause, a piece of the source, and what stands there instead."""

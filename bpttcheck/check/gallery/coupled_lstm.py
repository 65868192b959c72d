"""An LSTM with coupled gates, and what can go wrong where one gate does the work of two."""

SOURCE = """\
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {"h0": rng.normal(size=(B, n)), "c0": rng.normal(size=(B, n))}
    for k in "fgo":
        params["U" + k] = rng.normal(size=(n, m))
        params["W" + k] = rng.normal(size=(n, n)) / np.sqrt(n)
        params["b" + k] = np.zeros(n)
    params["V"] = rng.normal(size=(p, n))
    x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))

    def value_and_grad(q):
        f, g, o = (np.zeros((T, B, n)) for _ in range(3))
        h, c = np.zeros((T + 1, B, n)), np.zeros((T + 1, B, n))
        h[0], c[0] = q["h0"], q["c0"]
        for t in range(T):
            a = {k: x[t] @ q["U" + k].T + h[t] @ q["W" + k].T + q["b" + k] for k in "fgo"}
            f[t], g[t], o[t] = sigmoid(a["f"]), np.tanh(a["g"]), sigmoid(a["o"])
            c[t + 1] = f[t] * c[t] + (1 - f[t]) * g[t]
            h[t + 1] = o[t] * np.tanh(c[t + 1])
        s = h[1:] @ q["V"].T
        ds = s - y
        d = {name: np.zeros_like(value) for name, value in q.items()}
        d["V"] = np.einsum("tbi,tbj->ij", ds, h[1:])
        dh_next, dc_next = np.zeros((B, n)), np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            dh = ds[t] @ q["V"] + dh_next
            tanh_c = np.tanh(c[t + 1])
            dc = dh * o[t] * (1 - tanh_c ** 2) + dc_next
            df = dc * (c[t] - g[t])
            dg = dc * (1 - f[t])
            da_f = df * f[t] * (1 - f[t])
            da_g = dg * (1 - g[t] ** 2)
            da_o = dh * tanh_c * o[t] * (1 - o[t])
            dh_next = da_f @ q["Wf"] + da_g @ q["Wg"] + da_o @ q["Wo"]
            dc_next = dc * f[t]
            for k, da in zip("fgo", (da_f, da_g, da_o)):
                d["U" + k] += da.T @ x[t]
                d["W" + k] += da.T @ h[t]
                d["b" + k] += da.sum(0)
        d["h0"], d["c0"] = dh_next, dc_next
        return ((s - y) ** 2).sum() / 2, d

    return value_and_grad, params
"""

MISTAKES = (
    ("coupling-forgotten", "df = dc * (c[t] - g[t])", "df = dc * c[t]"),
    ("coupling-sign", "df = dc * (c[t] - g[t])", "df = dc * (g[t] - c[t])"),
    ("coupling-swapped", "dg = dc * (1 - f[t])", "dg = dc * f[t]"),
)
"""The cause, a piece of the source, and what stands there instead."""

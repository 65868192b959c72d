"""A GRU, reset before the product, and what can go wrong in a line of its backward pass."""

SOURCE = """\
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {"h0": rng.normal(size=(B, n))}
    for k in "zrg":
        params["U" + k] = rng.normal(size=(n, m))
        params["W" + k] = rng.normal(size=(n, n)) / np.sqrt(n)
        params["b" + k] = np.zeros(n)
    params["V"] = rng.normal(size=(p, n))
    x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))

    def value_and_grad(q):
        z, r, g = (np.zeros((T, B, n)) for _ in range(3))
        h = np.zeros((T + 1, B, n))
        h[0] = q["h0"]
        for t in range(T):
            z[t] = sigmoid(x[t] @ q["Uz"].T + h[t] @ q["Wz"].T + q["bz"])
            r[t] = sigmoid(x[t] @ q["Ur"].T + h[t] @ q["Wr"].T + q["br"])
            g[t] = np.tanh(x[t] @ q["Ug"].T + (r[t] * h[t]) @ q["Wg"].T + q["bg"])
            h[t + 1] = z[t] * h[t] + (1 - z[t]) * g[t]
        s = h[1:] @ q["V"].T
        ds = s - y
        d = {name: np.zeros_like(value) for name, value in q.items()}
        d["V"] = np.einsum("tbi,tbj->ij", ds, h[1:])
        dh_next = np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            dh = ds[t] @ q["V"] + dh_next
            da_g = dh * (1 - z[t]) * (1 - g[t] ** 2)
            dz = dh * (h[t] - g[t])
            dq = da_g @ q["Wg"]
            dr = dq * h[t]
            da_z = dz * z[t] * (1 - z[t])
            da_r = dr * r[t] * (1 - r[t])
            dh_next = dh * z[t] + dq * r[t] + da_z @ q["Wz"] + da_r @ q["Wr"]
            for k, da, read in (("z", da_z, h[t]), ("r", da_r, h[t]), ("g", da_g, r[t] * h[t])):
                d["U" + k] += da.T @ x[t]
                d["W" + k] += da.T @ read
                d["b" + k] += da.sum(0)
        d["h0"] = dh_next
        return ((s - y) ** 2).sum() / 2, d

    return value_and_grad, params
"""

MISTAKES = (
    ("direct-path-missing", "dh_next = dh * z[t] + dq", "dh_next = dq"),
    ("direct-path-wrong", "dh_next = dh * z[t]", "dh_next = dh * r[t]"),
    ("direct-path-twice", "dh_next = dh * z[t]", "dh_next = 2 * dh * z[t]"),
    ("direct-path-sign", "dh_next = dh * z[t]", "dh_next = -dh * z[t]"),
    ("update-sign", "dz = dh * (h[t] - g[t])", "dz = dh * (g[t] - h[t])"),
    ("update-swapped", "dh_next = dh * z[t]", "dh_next = dh * (1 - z[t])"),
    ("update-path-missing", "dz = dh * (h[t] - g[t])", "dz = dh * h[t]"),
    ("candidate-path-missing", "da_g = dh *", "da_g = 0 * dh *"),
    ("reset-forgotten", "+ dq * r[t] +", "+ dq +"),
    ("reset-wrong", "+ dq * r[t] +", "+ dq * z[t] +"),
    ("reset-path-missing", "dr = dq * h[t]", "dr = 0 * dq"),
    ("reset-driver-wrong", "dr = dq * h[t]", "dr = dh * h[t]"),
)
"""The cause, a piece of the source, and what stands there instead."""

"""An LSTM with its backward pass, and what can go wrong in a line of it."""

SOURCE = """\
import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {"h0": rng.normal(size=(B, n)), "c0": rng.normal(size=(B, n))}
    for k in "ifgo":
        params["U" + k] = rng.normal(size=(n, m))
        params["W" + k] = rng.normal(size=(n, n)) / np.sqrt(n)
        params["b" + k] = np.zeros(n)
    params["V"] = rng.normal(size=(p, n))
    x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))

    def value_and_grad(q):
        a = {k: np.zeros((T, B, n)) for k in "ifgo"}
        i, f, g, o = (np.zeros((T, B, n)) for _ in range(4))
        h, c = np.zeros((T + 1, B, n)), np.zeros((T + 1, B, n))
        h[0], c[0] = q["h0"], q["c0"]
        for t in range(T):
            for k in "ifgo":
                a[k][t] = x[t] @ q["U" + k].T + h[t] @ q["W" + k].T + q["b" + k]
            i[t], f[t], o[t] = (sigmoid(a[k][t]) for k in "ifo")
            g[t] = np.tanh(a["g"][t])
            c[t + 1] = f[t] * c[t] + i[t] * g[t]
            h[t + 1] = o[t] * np.tanh(c[t + 1])
        s = h[1:] @ q["V"].T
        ds = s - y
        d = {name: np.zeros_like(value) for name, value in q.items()}
        d["V"] = np.einsum("tbi,tbj->ij", ds, h[1:])
        dh_next, dc_next = np.zeros((B, n)), np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            dh = ds[t] @ q["V"] + dh_next
            do = dh * np.tanh(c[t + 1])
            dc = dh * o[t] * (1 - np.tanh(c[t + 1]) ** 2) + dc_next
            da_i = dc * g[t] * i[t] * (1 - i[t])
            da_f = dc * c[t] * f[t] * (1 - f[t])
            da_g = dc * i[t] * (1 - g[t] ** 2)
            da_o = do * o[t] * (1 - o[t])
            dh_next = da_i @ q["Wi"] + da_f @ q["Wf"] + da_g @ q["Wg"] + da_o @ q["Wo"]
            dc_next = f[t] * dc
            for k, da in zip("ifgo", (da_i, da_f, da_g, da_o)):
                d["U" + k] += da.T @ x[t]
                d["W" + k] += da.T @ h[t]
                d["b" + k] += da.sum(0)
        d["h0"], d["c0"] = dh_next, dc_next
        return ((s - y) ** 2).sum() / 2, d

    return value_and_grad, params
"""

SQUASHED = "(1 - np.tanh(c[t + 1]) ** 2)"

MISTAKES = (
    ("cell-message-dropped", "** 2) + dc_next", "** 2)"),
    ("cell-message-sign", "** 2) + dc_next", "** 2) - dc_next"),
    ("cell-message-cut-short", "dc_next = f[t] * dc", "dc_next = f[t] * (dc - dc_next)"),
    ("cell-slope-missing", f"dc = dh * o[t] * {SQUASHED}", "dc = dh * o[t]"),
    ("cell-slope-twice", SQUASHED, f"{SQUASHED} ** 2"),
    ("cell-slope-of-cell", SQUASHED, "(1 - c[t + 1] ** 2)"),
    ("cell-slope-of-squashed", SQUASHED, "(1 - np.tanh(np.tanh(c[t + 1])) ** 2)"),
    ("cell-slope-of-another-step", SQUASHED, "(1 - np.tanh(c[t]) ** 2)"),
    ("cell-slope-of-another-function", SQUASHED, "sigmoid(c[t + 1]) * (1 - sigmoid(c[t + 1]))"),
    ("output-gate-missing", "dc = dh * o[t] *", "dc = dh *"),
    ("output-gate-wrong", "dc = dh * o[t] *", "dc = dh * i[t] *"),
    ("state-not-through-cell", f"dc = dh * o[t] * {SQUASHED} + dc_next", "dc = dc_next"),
    ("squash-missing", "do = dh * np.tanh(c[t + 1])", "do = dh * c[t + 1]"),
    ("cell-shifted", "da_f = dc * c[t]", "da_f = dc * c[t + 1]"),
    ("initial-cell-forgotten", "da_f = dc * c[t]", "da_f = dc * c[t] * (t > 0)"),
    ("cell-gradient-for-state", "da_g = dc * i[t]", "da_g = dh * i[t]"),
    ("cell-for-state", "+= da.T @ h[t]", "+= da.T @ c[t]"),
    ("forget-gate-missing", "dc_next = f[t] * dc", "dc_next = dc"),
    ("forget-gate-wrong", "dc_next = f[t] * dc", "dc_next = i[t] * dc"),
    ("gate-of-another-step", "dc_next = f[t] * dc", "dc_next = f[t - 1] * dc"),
    ("gate-slope-missing", "da_i = dc * g[t] * i[t] * (1 - i[t])", "da_i = dc * g[t]"),
    ("gate-slope-twice", "dc * i[t] * (1 - g[t] ** 2)", "dc * i[t] * (1 - g[t] ** 2) ** 2"),
    ("gate-slope-of-preactivation", "(1 - g[t] ** 2)", '(1 - a["g"][t] ** 2)'),
    ("gate-slope-of-activated", "(1 - g[t] ** 2)", "(1 - np.tanh(g[t]) ** 2)"),
    ("gate-slope-of-another-step", "(1 - g[t] ** 2)", "(1 - g[t - 1] ** 2)"),
    ("gate-slope-of-another-function", "(1 - g[t] ** 2)", "g[t] * (1 - g[t])"),
    (
        "gate-from-another",
        'a[k][t] = x[t] @ q["U" + k].T + h[t] @ q["W" + k].T',
        'j = k.replace("o", "f"); a[k][t] = x[t] @ q["U" + j].T + h[t] @ q["W" + j].T',
    ),
    (
        "gate-slope-scaled",
        "dc * g[t] * i[t] * (1 - i[t])",
        "dc * g[t] * (1 - np.tanh(a['i'][t] / 2) ** 2)",
    ),
    (
        "cell-for-candidate",
        "da_g = dc * i[t] * (1 - g[t] ** 2)",
        "da_g = dc * i[t] * (1 - np.tanh(c[t + 1]) ** 2)",
    ),
    ("cache-reused", 'dh = ds[t] @ q["V"] + dh_next', 'dh, t = ds[t] @ q["V"] + dh_next, T - 1'),
    ("gate-partner-missing", "da_g = dc * i[t] *", "da_g = dc *"),
    ("gate-partner-wrong", "da_i = dc * g[t]", "da_i = dc * c[t]"),
    ("gate-message-missing", ' + da_o @ q["Wo"]', ""),
    ("gate-message-twice", 'da_o @ q["Wo"]', '2 * da_o @ q["Wo"]'),
    ("gate-message-sign", '+ da_o @ q["Wo"]', '- da_o @ q["Wo"]'),
    ("gates-swapped", 'zip("ifgo", (', 'zip("figo", ('),
)
"""The cause, a piece of the source, and what stands there instead."""

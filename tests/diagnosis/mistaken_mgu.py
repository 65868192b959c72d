"""Minimal gated units as people write them, and mistakes that are planted in their text."""

# A matrix each for x and h, rows, time first, one column of biases a gate; NLL, mean over B.
APART = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {}
    for k in "fh":
        params["W" + k] = rng.normal(size=(m, n)) / np.sqrt(m)
        params["U" + k] = rng.normal(size=(n, n)) / np.sqrt(n)
        params["b" + k] = np.zeros(n)
    params |= {"Why": rng.normal(size=(n, p)), "by": np.zeros(p), "start": rng.normal(size=(B, n))}
    x = rng.normal(size=(T, B, m))
    labels = rng.integers(0, p, (T, B))

    def value_and_grad(w):
        hs, cache, loss = [w["start"]], [], 0.0
        for t in range(T):
            h = hs[-1]
            f = sigmoid(x[t] @ w["Wf"] + h @ w["Uf"] + w["bf"])
            new = np.tanh(x[t] @ w["Wh"] + (f * h) @ w["Uh"] + w["bh"])
            hs.append((1 - f) * h + f * new)
            s = hs[-1] @ w["Why"] + w["by"]
            y = np.exp(s) / np.exp(s).sum(1, keepdims=True)
            loss -= np.log(y[np.arange(B), labels[t]]).sum() / B
            cache.append((f, new, y))
        g = {k: np.zeros_like(v) for k, v in w.items()}
        dnext = np.zeros((B, n))
        for t in reversed(range(T)):
            (f, new, y), h = cache[t], hs[t]
            dy = (y - np.eye(p)[labels[t]]) / B
            g["Why"] += hs[t + 1].T @ dy
            g["by"] += dy.sum(0)
            dh = dy @ w["Why"].T + dnext
            dnew = dh * f * (1 - new ** 2)
            dfh = dnew @ w["Uh"].T
            df = (dh * (new - h) + dfh * h) * f * (1 - f)
            g["Wf"] += x[t].T @ df
            g["Uf"] += h.T @ df
            g["bf"] += df.sum(0)
            g["Wh"] += x[t].T @ dnew
            g["Uh"] += (f * h).T @ dnew
            g["bh"] += dnew.sum(0)
            dnext = dh * (1 - f) + df @ w["Uf"].T + dfh * f
        g["start"] = dnext
        return loss, g

    return value_and_grad, params
"""
APART_MISTAKES = [
    ("direct-path-missing", "dnext = dh * (1 - f) + df", "dnext = df"),
    ("coupling-swapped", "dnext = dh * (1 - f)", "dnext = dh * f"),
    ("coupling-swapped", "dnew = dh * f", "dnew = dh * (1 - f)"),
    ("coupling-sign", "(dh * (new - h) + dfh", "(dh * (h - new) + dfh"),
    ("coupling-forgotten", "dh * (new - h) + dfh", "dh * new + dfh"),
    ("gate-partner-missing", "dnew = dh * f *", "dnew = dh *"),
    ("gate-use-missing", "(dh * (new - h) + dfh * h)", "dh * (new - h)"),
    ("gate-use-missing", "(dh * (new - h) + dfh * h)", "dfh * h"),
    ("gate-use-wrong", "+ dfh * h) *", "- dfh * h) *"),
    ("gate-use-wrong", "+ dfh * h) *", "+ dnew * h) *"),
    ("gate-use-wrong", "+ dfh * h) *", "+ dfh) *"),
    ("reading-forgotten", "+ dfh * f\n", "+ dfh\n"),
    ("reading-forgotten", "(f * h).T @ dnew", "h.T @ dnew"),
    ("reading-wrong", "+ dfh * f\n", "+ dfh * (1 - f)\n"),
    ("gate-message-missing", " + dfh * f\n", "\n"),
    ("gate-message-missing", ' + df @ w["Uf"].T', ""),
    ("state-shifted", "(new - h) + dfh * h)", "(new - hs[t + 1]) + dfh * hs[t + 1])"),
    ("state-shifted", "+ dfh * h)", "+ dfh * hs[t + 1])"),
    ("gate-slope-missing", "+ dfh * h) * f * (1 - f)", "+ dfh * h)"),
    ("gate-slope-missing", "dnew = dh * f * (1 - new ** 2)", "dnew = dh * f"),
    ("gate-slope-missing", "(dh * (new - h) + dfh * h) *", "dh * (new - h) + dfh * h *"),
    ("gate-slope-missing", "(dh * (new - h) + dfh * h) *", "dfh * h + dh * (new - h) *"),
    ("stale-cache", "dnext = dh * (1 - f)", "dnext = dh * (1 - cache[-1][0])"),
    ("stale-cache", "+ dfh * f\n", "+ dfh * cache[-1][0]\n"),
    ("gate-slope-of-another-function", "* h) * f * (1 - f)", "* h) * (1 - f ** 2)"),
    ("recurrent-transpose", 'df @ w["Uf"].T', 'df @ w["Uf"]'),
    ("recurrent-transpose", 'dnew @ w["Uh"].T', 'dnew @ w["Uh"]'),
    ("recurrent-message-dropped", '.T + dnext', '.T'),
    ("time-sum-missing", 'g["bf"] += df', 'g["bf"] = df'),
    ("batch-sum-missing", "dy.sum(0)", "dy[0]"),
    ("sign", "(y - np.eye(p)[labels[t]]) / B", "(np.eye(p)[labels[t]] - y) / B"),
    ("common-factor", "(y - np.eye(p)[labels[t]]) / B", "y - np.eye(p)[labels[t]]"),
    ("first-step-skipped", "reversed(range(T))", "range(T - 1, 0, -1)"),
    ("", "+ dfh * h)", "+ 0.9 * dfh * h)"),
    ("", "dnext = dh * (1 - f)", "dnext = dh * (1 - f) * 0.9"),
    ("", "(new - h)", "(new - 0.9 * h)"),
]  # fmt: skip

# Fused, columns, f and the candidate side by side; squared error summed over all steps.
FUSED = """
import numpy as np

class MGU:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def sig(self, a):
        return 1 / (1 + np.exp(-a))

    def __call__(self, q):
        K, R, b, V = q["kernel"], q["recurrent"], q["bias"], q["out"]
        (T, B, m), n = self.x.shape, len(R)
        h, cache, loss = np.zeros((B, n)), [], 0.0
        for t in range(T):
            ax = self.x[t] @ K + b
            f = self.sig(ax[:, :n] + h @ R[:, :n])
            read = f * h
            c = np.tanh(ax[:, n:] + read @ R[:, n:])
            new = h + f * (c - h)
            e = new @ V - self.y[t]
            loss += 0.5 * (e * e).sum()
            cache.append((t, h, f, c, read, new, e))
            h = new
        g = {k: np.zeros_like(v) for k, v in q.items()}
        back = np.zeros((B, n))
        for t, h, f, c, read, new, e in cache[::-1]:
            g["out"] += new.T @ e
            dh = e @ V.T + back
            da_c = dh * f * (1 - c * c)
            dread = da_c @ R[:, n:].T
            da_f = f * (1 - f) * (dh * (c - h) + dread * h)
            da = np.hstack([da_f, da_c])
            g["bias"] += da.sum(0)
            g["kernel"] += self.x[t].T @ da
            g["recurrent"] += np.hstack([h.T @ da_f, read.T @ da_c])
            back = (1 - f) * dh + f * dread + da_f @ R[:, :n].T
        return loss, g

def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {
        "kernel": rng.normal(size=(m, 2 * n)) / np.sqrt(m),
        "recurrent": rng.normal(size=(n, 2 * n)) / np.sqrt(n),
        "bias": np.zeros(2 * n), "out": rng.normal(size=(n, p)),
    }
    return MGU(rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))), params
"""
FUSED_MISTAKES = [
    ("direct-path-missing", "back = (1 - f) * dh + f", "back = f"),
    ("direct-path-wrong", "back = (1 - f) * dh + f", "back = dh + f"),
    ("coupling-swapped", "back = (1 - f) * dh", "back = f * dh"),
    ("coupling-forgotten", "dh * (c - h) +", "-dh * h +"),
    ("gate-use-missing", "(dh * (c - h) + dread * h)", "(dh * (c - h))"),
    ("reading-forgotten", "+ f * dread +", "+ dread +"),
    ("reading-forgotten", "read.T @ da_c])", "h.T @ da_c])"),
    ("reading-wrong", "[h.T @ da_f, read.T @ da_c]", "[read.T @ da_f, read.T @ da_c]"),
    ("gate-slope-missing", "da_f = f * (1 - f) * (dh", "da_f = (dh"),
    ("gate-slope-missing", "dh * f * (1 - c * c)", "dh * f"),
    ("gates-swapped", "da = np.hstack([da_f, da_c])", "da = np.hstack([da_c, da_f])"),
    ("recurrent-message-dropped", "e @ V.T + back", "e @ V.T"),
    ("gate-message-missing", "+ f * dread + da_f", "+ da_f"),
    ("axis-missing", 'g["bias"] += da.sum(0)', 'g["bias"] += da.sum()'),
    ("step-shifted", "self.x[t].T @ da", "self.x[t - 1].T @ da"),
    ("", "f * dread +", "1.1 * f * dread +"),
    ("", "back = (1 - f) * dh", "back = (1 - f) ** 1.5 * dh"),
]  # fmt: skip

STYLES = {
    "MGU, apart": (APART, APART_MISTAKES),
    "MGU, fused": (FUSED, FUSED_MISTAKES),
}

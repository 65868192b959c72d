"""GRUs as people write them, and mistakes that are planted in their text."""

# A matrix each for x and h, rows, time first, reset before, z replaces; softmax NLL, mean over B.
APART = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {}
    for k in "zrh":
        params["Wx" + k] = rng.normal(size=(m, n)) / np.sqrt(m)
        params["Wh" + k] = rng.normal(size=(n, n)) / np.sqrt(n)
        params["b" + k] = np.zeros(n)
    params |= {"Why": rng.normal(size=(n, p)), "by": np.zeros(p), "h_init": np.zeros((B, n))}
    x = rng.normal(size=(T, B, m))
    labels = rng.integers(0, p, (T, B))

    def value_and_grad(w):
        hs, cache, loss = [w["h_init"]], [], 0.0
        for t in range(T):
            h = hs[-1]
            z = sigmoid(x[t] @ w["Wxz"] + h @ w["Whz"] + w["bz"])
            r = sigmoid(x[t] @ w["Wxr"] + h @ w["Whr"] + w["br"])
            hh = np.tanh(x[t] @ w["Wxh"] + (r * h) @ w["Whh"] + w["bh"])
            hs.append((1 - z) * h + z * hh)
            o = hs[-1] @ w["Why"] + w["by"]
            y = np.exp(o) / np.exp(o).sum(1, keepdims=True)
            loss -= np.log(y[np.arange(B), labels[t]]).sum() / B
            cache.append((z, r, hh, y))
        g = {k: np.zeros_like(v) for k, v in w.items()}
        dnext = np.zeros((B, n))
        for t in reversed(range(T)):
            (z, r, hh, y), h = cache[t], hs[t]
            dy = (y - np.eye(p)[labels[t]]) / B
            g["Why"] += hs[t + 1].T @ dy
            g["by"] += dy.sum(0)
            dh = dy @ w["Why"].T + dnext
            dz = dh * (hh - h) * z * (1 - z)
            dhh = dh * z * (1 - hh ** 2)
            drh = dhh @ w["Whh"].T
            dr = drh * h * r * (1 - r)
            for k, d, left in (("z", dz, h), ("r", dr, h), ("h", dhh, r * h)):
                g["Wx" + k] += x[t].T @ d
                g["Wh" + k] += left.T @ d
                g["b" + k] += d.sum(0)
            dnext = dh * (1 - z) + dz @ w["Whz"].T + dr @ w["Whr"].T + drh * r
        g["h_init"] = dnext
        return loss, g

    return value_and_grad, params
"""
APART_MISTAKES = [
    ("direct-path-missing", "dnext = dh * (1 - z) + dz", "dnext = dz"),
    ("update-swapped", "dnext = dh * (1 - z)", "dnext = dh * z"),
    ("update-sign", "dh * (hh - h) * z", "dh * (h - hh) * z"),
    ("update-path-missing", "dh * (hh - h) * z", "dh * hh * z"),
    ("update-swapped", "dhh = dh * z", "dhh = dh * (1 - z)"),
    ("reset-forgotten", "+ drh * r", "+ drh"),
    ("reset-forgotten", '("h", dhh, r * h)', '("h", dhh, h)'),
    ("gate-message-missing", " + drh * r", ""),
    ("gate-message-missing", ' + dr @ w["Whr"].T', ""),
    ("gate-message-missing", ' + dz @ w["Whz"].T', ""),
    ("reset-driver-wrong", "dr = drh * h", "dr = dhh * h"),
    ("state-shifted", "dr = drh * h *", "dr = drh * hs[t + 1] *"),
    ("gate-slope-missing", "(hh - h) * z * (1 - z)", "(hh - h)"),
    ("gate-slope-of-another-function", "dh * z * (1 - hh ** 2)", "dh * z * hh * (1 - hh)"),
    ("gate-slope-missing", "dh * z * (1 - hh ** 2)", "dh * z"),
    ("gate-slope-of-another-function", "h * r * (1 - r)", "h * (1 - r ** 2)"),
    ("stale-cache", "dnext = dh * (1 - z)", "dnext = dh * (1 - cache[-1][0])"),
    ("stale-cache", "dhh = dh * z", "dhh = dh * cache[-1][0]"),
    ("stale-cache", "+ drh * r", "+ drh * cache[-1][1]"),
    ("stale-cache", "dr = drh * h *", "dr = drh * hs[-2] *"),
    ("recurrent-transpose", 'dr @ w["Whr"].T', 'dr @ w["Whr"]'),
    ("recurrent-message-dropped", '.T + dnext', '.T'),
    ("time-sum-missing", 'g["b" + k] += d', 'g["b" + k] = d'),
    ("batch-sum-missing", "dy.sum(0)", "dy[0]"),
    ("sign", "(y - np.eye(p)[labels[t]]) / B", "(np.eye(p)[labels[t]] - y) / B"),
    ("common-factor", "(y - np.eye(p)[labels[t]]) / B", "y - np.eye(p)[labels[t]]"),
    ("first-step-skipped", "reversed(range(T))", "range(T - 1, 0, -1)"),
    ("", "dr = drh * h", "dr = drh * np.sin(h)"),
    ("", "dnext = dh * (1 - z)", "dnext = dh * (1 - z) * 0.9"),
    ("", "dz = dh * (hh - h)", "dz = dh * (hh - 0.9 * h)"),
]  # fmt: skip

# Fused, columns, reset after with its own bias, z keeps; squared error summed over all steps.
FUSED = """
import numpy as np

def sig(a):
    return 1 / (1 + np.exp(-a))

class Gru:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __call__(self, q):
        K, R, b, rb, V = q["kernel"], q["recurrent"], q["bias"], q["recurrent_bias"], q["out"]
        (T, B, m), n = self.x.shape, len(R)
        h, cache, loss = np.zeros((B, n)), [], 0.0
        for t in range(T):
            ax, ah = self.x[t] @ K + b, h @ R + rb
            r, z = sig(ax[:, :n] + ah[:, :n]), sig(ax[:, n:-n] + ah[:, n:-n])
            c = np.tanh(ax[:, -n:] + r * ah[:, -n:])
            new = z * h + (1 - z) * c
            e = new @ V - self.y[t]
            loss += 0.5 * (e * e).sum()
            cache.append((h, r, z, c, ah[:, -n:], new, e))
            h = new
        g = {k: np.zeros_like(v) for k, v in q.items()}
        back = np.zeros((B, n))
        for h, r, z, c, q_h, new, e in cache[::-1]:
            g["out"] += new.T @ e
            dh = e @ V.T + back
            dc = dh * (1 - z) * (1 - c * c)
            dz = dh * (h - c) * z * (1 - z)
            dr = dc * q_h * r * (1 - r)
            dx = np.hstack([dr, dz, dc])
            dr_h = np.hstack([dr, dz, dc * r])
            t = len(cache) - 1
            g["bias"] += dx.sum(0)
            g["recurrent_bias"] += dr_h.sum(0)
            g["recurrent"] += h.T @ dr_h
            g["kernel"] += self.take(h, cache).T @ dx
            back = dh * z + dr_h @ R.T
        return loss, g

    def take(self, h, cache):
        (t,) = [k for k, one in enumerate(cache) if one[0] is h]
        return self.x[t]

def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {
        "kernel": rng.normal(size=(m, 3 * n)) / np.sqrt(m),
        "recurrent": rng.normal(size=(n, 3 * n)) / np.sqrt(n),
        "bias": np.zeros(3 * n), "recurrent_bias": np.zeros(3 * n), "out": rng.normal(size=(n, p)),
    }
    return Gru(rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))), params
"""
FUSED_MISTAKES = [
    ("direct-path-missing", "back = dh * z + dr_h", "back = dr_h"),
    ("reset-forgotten", "np.hstack([dr, dz, dc * r])", "dx"),
    ("update-swapped", "back = dh * z", "back = dh * (1 - z)"),
    ("update-sign", "dz = dh * (h - c)", "dz = dh * (c - h)"),
    ("bias-of-reset-missing", "dr = dc * q_h", "dr = dc * (q_h - rb[-n:])"),
    ("gate-partner-wrong", "dr = dc * q_h", "dr = dc * h"),
    ("gate-slope-missing", "dr = dc * q_h * r * (1 - r)", "dr = dc * q_h"),
    ("gate-slope-missing", "(1 - z) * (1 - c * c)", "(1 - z)"),
    ("gate-partner-missing", "dc = dh * (1 - z) * (1", "dc = dh * (1"),
    ("gates-swapped", "dx = np.hstack([dr, dz, dc])", "dx = np.hstack([dz, dr, dc])"),
    ("recurrent-message-dropped", "e @ V.T + back", "e @ V.T"),
    ("gate-message-missing", "back = dh * z + dr_h @ R.T", "back = dh * z"),
    ("axis-missing", 'g["bias"] += dx.sum(0)', 'g["bias"] += dx.sum()'),
    ("step-shifted", "return self.x[t]", "return self.x[t - 1]"),
    ("", "dr = dc * q_h", "dr = dc * q_h * 1.1"),
    ("", "back = dh * z", "back = dh * z ** 1.5"),
]  # fmt: skip

STYLES = {
    "GRU, apart": (APART, APART_MISTAKES),
    "GRU, fused": (FUSED, FUSED_MISTAKES),
}

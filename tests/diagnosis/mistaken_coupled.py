"""LSTMs with coupled gates, or without a forget gate, as people write them, and mistakes."""

# Lists of steps, one matrix a gate over [x, h] in columns, one sequence, f keeps, NLL summed.
CONCAT = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def problem(case):
    rng, n, p, T = case.rng, case.n, case.p + 1, case.T
    params = {k: rng.normal(size=(n, p + n)) / np.sqrt(n) for k in ("Wf", "Wc", "Wo")}
    params |= {b: 0.1 * rng.normal(size=(n, 1)) for b in ("bf", "bc", "bo")}
    params |= {"Wy": rng.normal(size=(p, n)), "by": np.zeros((p, 1))}
    text = [int(i) for i in rng.integers(0, p, T + 1)]
    hprev, cprev = 0.5 * rng.normal(size=(n, 1)), 0.5 * rng.normal(size=(n, 1))

    def loss_fun(q):
        Wf, Wc, Wo, bf, bc, bo, Wy, by = q.values()
        hs, cs, steps, loss = [hprev], [cprev], [], 0.0
        for t in range(T):
            x = np.zeros((p, 1)); x[text[t]] = 1
            z = np.vstack([x, hs[-1]])
            f, cb, o = sigmoid(Wf @ z + bf), np.tanh(Wc @ z + bc), sigmoid(Wo @ z + bo)
            cs.append(f * cs[-1] + (1 - f) * cb)
            hs.append(o * np.tanh(cs[-1]))
            y = Wy @ hs[-1] + by
            e = np.exp(y - y.max())
            steps.append((z, f, cb, o, e / e.sum()))
            loss -= np.log(e[text[t + 1], 0] / e.sum())
        g = {k: np.zeros_like(v) for k, v in q.items()}
        dhn, dcn = np.zeros((n, 1)), np.zeros((n, 1))
        for t in range(T)[::-1]:
            z, f, cb, o, prob = steps[t]
            dy = prob.copy(); dy[text[t + 1]] -= 1
            g["Wy"] += dy @ hs[t + 1].T
            g["by"] += dy
            dh = Wy.T @ dy + dhn
            tc = np.tanh(cs[t + 1])
            dc = dh * o * (1 - tc ** 2) + dcn
            df = dc * cs[t] - dc * cb
            daf = df * f * (1 - f)
            dac = dc * (1 - f) * (1 - cb ** 2)
            dao = dh * tc * o * (1 - o)
            g["Wf"] += daf @ z.T
            g["Wc"] += dac @ z.T
            g["Wo"] += dao @ z.T
            g["bf"] += daf; g["bc"] += dac; g["bo"] += dao
            dz = Wf.T @ daf + Wc.T @ dac + Wo.T @ dao
            dhn = dz[p:]
            dcn = f * dc
        return loss, g

    return loss_fun, params
"""
CONCAT_MISTAKES = [
    ("coupling-forgotten", "df = dc * cs[t] - dc * cb", "df = dc * cs[t]"),
    ("coupling-forgotten", "df = dc * cs[t] - dc * cb", "df = -dc * cb"),
    ("coupling-sign", "df = dc * cs[t] - dc * cb", "df = dc * cb - dc * cs[t]"),
    ("gate-partner-wrong", "df = dc * cs[t] - dc * cb", "df = dc * cs[t] + dc * cb"),
    ("coupling-swapped", "dac = dc * (1 - f)", "dac = dc * f"),
    ("gate-partner-missing", "dac = dc * (1 - f) *", "dac = dc *"),
    ("cell-shifted", "df = dc * cs[t] -", "df = dc * cs[t + 1] -"),
    ("gate-slope-missing", "daf = df * f * (1 - f)", "daf = df"),
    ("gate-slope-missing", "dc * (1 - f) * (1 - cb ** 2)", "dc * (1 - f)"),
    ("gate-slope-missing", "daf = df * f * (1 - f)", "daf = dc * cs[t] - dc * cb * f * (1 - f)"),
    ("gate-slope-missing", "daf = df *", "daf = (dc - dcn) * (cs[t] - cb) + dcn * (cs[t] - cb) *"),
    ("stale-cache", "dh * o * (1 -", "dh * steps[-1][3] * (1 -"),
    ("stale-cache", "dac = dc * (1 - f)", "dac = dc * (1 - steps[-1][1])"),
    ("gate-slope-of-another-function", "dao = dh * tc * o * (1 - o)",
     "dao = dh * tc * (1 - o ** 2)"),
    ("squash-missing", "dao = dh * tc *", "dao = dh * cs[t + 1] *"),
    ("cell-message-dropped", "(1 - tc ** 2) + dcn", "(1 - tc ** 2)"),
    ("forget-gate-missing", "dcn = f * dc", "dcn = dc"),
    ("coupling-swapped", "dcn = f * dc", "dcn = (1 - f) * dc"),
    ("forget-gate-wrong", "dcn = f * dc", "dcn = o * dc"),
    ("gate-of-another-step", "dcn = f * dc", "dcn = steps[t - 1][1] * dc"),
    ("cell-slope-missing", "dh * o * (1 - tc ** 2)", "dh * o"),
    ("output-gate-missing", "dh * o * (1 - tc", "dh * (1 - tc"),
    ("output-gate-wrong", "dh * o * (1 - tc", "dh * f * (1 - tc"),
    ("recurrent-message-dropped", "Wy.T @ dy + dhn", "Wy.T @ dy"),
    ("gate-message-missing", "Wf.T @ daf + ", ""),
    ("gate-message-sign", "Wf.T @ daf + Wc", "-Wf.T @ daf + Wc"),
    ("wrong-slice", "dhn = dz[p:]", "dhn = dz[:n]"),
    ("gates-swapped", 'g["Wf"] += daf @ z.T\n            g["Wc"] += dac',
     'g["Wf"] += dac @ z.T\n            g["Wc"] += daf'),
    ("time-sum-missing", 'g["bf"] += daf', 'g["bf"] = daf'),
    ("state-shifted", "dy @ hs[t + 1].T", "dy @ hs[t].T"),
    ("first-step-skipped", "range(T)[::-1]", "range(1, T)[::-1]"),
    ("cell-gradient-for-state", "df = dc * cs[t] - dc * cb", "df = dh * (cs[t] - cb)"),
    ("sign", "dy[text[t + 1]] -= 1", "dy[text[t + 1]] -= 1; dy = -dy"),
    ("", "df = dc * cs[t] - dc * cb", "df = dc * cs[t] - 0.9 * dc * cb"),
    ("", "dcn = f * dc", "dcn = f * np.sin(dc)"),
    ("", "dac = dc * (1 - f)", "dac = dc * (1 - f ** 1.5)"),
]  # fmt: skip

# Fused gates, rows, batch first, i lets in, mean squared error of the last step.
FUSED = """
import numpy as np

def sig(a):
    return 0.5 * (1 + np.tanh(a / 2))

def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {
        "weight_ih": rng.normal(size=(3 * n, m)) / np.sqrt(m),
        "weight_hh": rng.normal(size=(3 * n, n)) / np.sqrt(n),
        "bias": np.zeros(3 * n), "fc": rng.normal(size=(p, n)), "fc_bias": np.zeros(p),
    }
    x, target = rng.normal(size=(B, T, m)), rng.normal(size=(B, p))

    def run(q):
        h, c = np.zeros((B, n)), np.zeros((B, n))
        cache = []
        for t in range(T):
            a = x[:, t] @ q["weight_ih"].T + h @ q["weight_hh"].T + q["bias"]
            i, g, o = sig(a[:, :n]), np.tanh(a[:, n : 2 * n]), sig(a[:, 2 * n :])
            c_new = (1 - i) * c + i * g
            h_new = o * np.tanh(c_new)
            cache.append((h, c, i, g, o, c_new))
            h, c = h_new, c_new
        err = h @ q["fc"].T + q["fc_bias"] - target
        derr = 2 * err / err.size
        grads = {k: np.zeros_like(v) for k, v in q.items()}
        grads["fc"], grads["fc_bias"] = derr.T @ h, derr.sum(0)
        dh, dc = derr @ q["fc"], np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            h, c, i, g, o, c_new = cache[t]
            tc = np.tanh(c_new)
            dc = dc + dh * o * (1 - tc ** 2)
            da = np.hstack([dc * (g - c) * i * (1 - i), dc * i * (1 - g ** 2),
                            dh * tc * o * (1 - o)])
            grads["weight_ih"] += da.T @ x[:, t]
            grads["weight_hh"] += da.T @ h
            grads["bias"] += da.sum(0)
            dh = da @ q["weight_hh"]
            dc = dc * (1 - i)
        return (err ** 2).mean(), grads

    return run, params
"""
FUSED_MISTAKES = [
    ("coupling-forgotten", "dc * (g - c) * i * (1 - i)", "dc * g * i * (1 - i)"),
    ("coupling-sign", "dc * (g - c) * i * (1 - i)", "dc * (c - g) * i * (1 - i)"),
    ("coupling-swapped", "            dc = dc * (1 - i)\n", "            dc = dc * i\n"),
    ("coupling-swapped", "dc * i * (1 - g ** 2)", "dc * (1 - i) * (1 - g ** 2)"),
    ("forget-gate-missing", "            dc = dc * (1 - i)\n", ""),
    ("cell-message-dropped", "dc = dc * (1 - i)\n", "dc = 0 * dc\n"),
    ("cell-slope-missing", "dh * o * (1 - tc ** 2)", "dh * o"),
    ("cell-slope-of-cell", "dh * o * (1 - tc ** 2)", "dh * o * (1 - c_new ** 2)"),
    ("cell-shifted", "dc * (g - c) * i", "dc * (g - c_new) * i"),
    ("gate-slope-missing", "dc * (g - c) * i * (1 - i)", "dc * (g - c)"),
    ("gate-slope-twice", "(1 - g ** 2)", "(1 - g ** 2) ** 2"),
    ("squash-missing", "dh * tc * o", "dh * c_new * o"),
    ("batch-sum-missing", 'grads["bias"] += da.sum(0)', 'grads["bias"] += da[0]'),
    ("common-factor", "2 * err / err.size", "err / err.size"),
    ("recurrent-truncated", "range(T - 1, -1, -1)", "range(T - 1, max(T - 4, -1), -1)"),
    ("message-not-reset", "dh = da @ q", "dh = dh + da @ q"),
    ("gates-swapped", "dc * (g - c) * i * (1 - i), dc * i * (1 - g ** 2)",
     "dc * i * (1 - g ** 2), dc * (g - c) * i * (1 - i)"),
    ("", "dc * (g - c) * i", "dc * (g - 1.1 * c) * i"),
    ("", "dh = da @ q", "dh = np.tanh(da) @ q"),
]  # fmt: skip

# The cell of 1997, a matrix each for x and h, rows, time first, squared error at all steps.
ADDING = """
import numpy as np

def sig(a):
    return 1 / (1 + np.exp(-a))

def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {"h_start": rng.normal(size=(B, n)), "c_start": rng.normal(size=(B, n))}
    for k in ("in", "cell", "out"):
        params["x_" + k] = rng.normal(size=(n, m)) / np.sqrt(m)
        params["h_" + k] = rng.normal(size=(n, n)) / np.sqrt(n)
        params["b_" + k] = np.zeros(n)
    params["read"] = rng.normal(size=(p, n))
    x, y = rng.normal(size=(T, B, m)), rng.normal(size=(T, B, p))

    def run(q):
        h, c, cache, loss = q["h_start"], q["c_start"], [], 0.0
        for t in range(T):
            a_i, a_g, a_o = (x[t] @ q["x_" + k].T + h @ q["h_" + k].T + q["b_" + k]
                             for k in ("in", "cell", "out"))
            i, g, o = sig(a_i), np.tanh(a_g), sig(a_o)
            new = c + i * g
            cache.append((h, c, i, g, o, new))
            h, c = o * np.tanh(new), new
        e = [o * np.tanh(new) @ q["read"].T - y[t] for t, (*_, o, new) in enumerate(cache)]
        d = {k: np.zeros_like(v) for k, v in q.items()}
        dh, dc = np.zeros((B, n)), np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            h, c, i, g, o, new = cache[t]
            s = np.tanh(new)
            d["read"] += e[t].T @ (o * s)
            dh = dh + e[t] @ q["read"]
            dc = dc + dh * o * (1 - s * s)
            steps = {"in": dc * g * i * (1 - i), "cell": dc * i * (1 - g * g),
                     "out": dh * s * o * (1 - o)}
            dh = sum(a @ q["h_" + k] for k, a in steps.items())
            for k, a in steps.items():
                d["x_" + k] += a.T @ x[t]
                d["h_" + k] += a.T @ h
                d["b_" + k] += a.sum(0)
        d["h_start"], d["c_start"] = dh, dc
        return sum((one * one).sum() for one in e) / 2, d

    return run, params
"""
ADDING_MISTAKES = [
    ("cell-message-dropped", "dc = dc + dh * o", "dc = dh * o"),
    ("cell-slope-missing", "dh * o * (1 - s * s)", "dh * o"),
    ("output-gate-missing", "dh * o * (1 - s * s)", "dh * (1 - s * s)"),
    ("gate-partner-wrong", "dc * g * i * (1 - i)", "dc * c * i * (1 - i)"),
    ("gate-partner-missing", "dc * i * (1 - g * g)", "dc * (1 - g * g)"),
    ("gate-slope-missing", "dh * s * o * (1 - o)", "dh * s"),
    ("squash-missing", "dh * s * o", "dh * new * o"),
    ("recurrent-message-dropped", "dh = dh + e[t] @", "dh = e[t] @"),
    ("recurrent-transpose", 'a @ q["h_" + k] for', 'a @ q["h_" + k].T for'),
    ("", "dh * o * (1 - s * s)", "dh * o * (1 - 0.9 * s * s)"),
]  # fmt: skip

STYLES = {
    "coupled LSTM, concatenated": (CONCAT, CONCAT_MISTAKES),
    "coupled LSTM, fused": (FUSED, FUSED_MISTAKES),
    "LSTM without forget gate": (ADDING, ADDING_MISTAKES),
}

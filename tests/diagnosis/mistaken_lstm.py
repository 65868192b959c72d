"""LSTMs as people write them, and mistakes that are planted in their text."""

# Dictionaries of steps, one matrix a gate over [h, x] in columns, one sequence, NLL summed.
CONCAT = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def problem(case):
    rng, n, p, T = case.rng, case.n, case.p + 1, case.T
    names = ["Wf", "Wi", "Wc", "Wo"]
    params = {k: rng.normal(size=(n, n + p)) / np.sqrt(n) for k in names}
    params |= {b: 0.1 * rng.normal(size=(n, 1)) for b in ("bf", "bi", "bc", "bo")}
    params |= {"Wy": rng.normal(size=(p, n)), "by": np.zeros((p, 1))}
    text = [int(i) for i in rng.integers(0, p, T + 1)]
    hprev, cprev = 0.5 * rng.normal(size=(n, 1)), 0.5 * rng.normal(size=(n, 1))

    def loss_fun(q):
        Wf, Wi, Wc, Wo, bf, bi, bc, bo, Wy, by = q.values()
        zs, fs, is_, cbs, os_, af, ac = {}, {}, {}, {}, {}, {}, {}
        cs, hs, ps, loss = {-1: cprev}, {-1: hprev}, {}, 0.0
        for t in range(T):
            x = np.zeros((p, 1)); x[text[t]] = 1
            zs[t] = np.vstack([hs[t - 1], x])
            af[t] = Wf @ zs[t] + bf
            ac[t] = Wc @ zs[t] + bc
            fs[t] = sigmoid(af[t])
            is_[t] = sigmoid(Wi @ zs[t] + bi)
            cbs[t] = np.tanh(ac[t])
            os_[t] = sigmoid(Wo @ zs[t] + bo)
            cs[t] = fs[t] * cs[t - 1] + is_[t] * cbs[t]
            hs[t] = os_[t] * np.tanh(cs[t])
            y = Wy @ hs[t] + by
            ps[t] = np.exp(y) / np.exp(y).sum()
            loss -= np.log(ps[t][text[t + 1], 0])
        g = {k: np.zeros_like(v) for k, v in q.items()}
        dhn, dcn = np.zeros((n, 1)), np.zeros((n, 1))
        for t in reversed(range(T)):
            dy = ps[t].copy(); dy[text[t + 1]] -= 1
            g["Wy"] += dy @ hs[t].T
            g["by"] += dy
            dh = Wy.T @ dy + dhn
            do = dh * np.tanh(cs[t])
            dao = do * os_[t] * (1 - os_[t])
            dc = dh * os_[t] * (1 - np.tanh(cs[t]) ** 2) + dcn
            daf = dc * cs[t - 1] * fs[t] * (1 - fs[t])
            dai = dc * cbs[t] * is_[t] * (1 - is_[t])
            dac = dc * is_[t] * (1 - cbs[t] ** 2)
            g["Wf"] += daf @ zs[t].T
            g["Wi"] += dai @ zs[t].T
            g["Wc"] += dac @ zs[t].T
            g["Wo"] += dao @ zs[t].T
            g["bf"] += daf; g["bi"] += dai; g["bc"] += dac; g["bo"] += dao
            dz = Wf.T @ daf + Wi.T @ dai + Wc.T @ dac + Wo.T @ dao
            dhn = dz[:n]
            dcn = fs[t] * dc
        return loss, g

    return loss_fun, params
"""
CONCAT_MISTAKES = [
    ("cell-message-dropped", "** 2) + dcn", "** 2)"),
    ("forget-gate-missing", "dcn = fs[t] * dc", "dcn = dc"),
    ("recurrent-message-dropped", "Wy.T @ dy + dhn", "Wy.T @ dy"),
    ("cell-slope-missing", "dh * os_[t] * (1 - np.tanh(cs[t]) ** 2)", "dh * os_[t]"),
    ("cell-slope-of-cell", "(1 - np.tanh(cs[t]) ** 2)", "(1 - cs[t] ** 2)"),
    ("cell-slope-of-another-step", "(1 - np.tanh(cs[t]) ** 2)", "(1 - np.tanh(cs[t - 1]) ** 2)"),
    ("output-gate-missing", "dh * os_[t] * (1 - np.tanh", "dh * (1 - np.tanh"),
    ("cell-shifted", "dc * cs[t - 1] *", "dc * cs[t] *"),
    ("squash-missing", "do = dh * np.tanh(cs[t])", "do = dh * cs[t]"),
    ("gate-slope-missing", "daf = dc * cs[t - 1] * fs[t] * (1 - fs[t])", "daf = dc * cs[t - 1]"),
    ("gate-slope-of-another-function", "fs[t] * (1 - fs[t])", "(1 - fs[t] ** 2)"),
    ("gate-slope-of-another-function", "dc * is_[t] * (1 - cbs[t] ** 2)",
     "dc * is_[t] * cbs[t] * (1 - cbs[t])"),
    ("gate-slope-missing", "dac = dc * is_[t] * (1 - cbs[t] ** 2)",
     "dac = dcn * is_[t] + dh * os_[t] * (1 - np.tanh(cs[t]) ** 2) * is_[t] * (1 - cbs[t] ** 2)"),
    ("gate-slope-missing", "dai = dc * cbs[t] * is_[t] * (1 - is_[t])",
     "dai = (dc - dcn) * cbs[t] + dcn * cbs[t] * is_[t] * (1 - is_[t])"),
    ("stale-cache", "dh * os_[t] * (1 -", "dh * os_[T - 1] * (1 -"),
    ("stale-cache", "dc * is_[t] * (1 -", "dc * is_[T - 1] * (1 -"),
    ("gate-slope-of-preactivation", "(1 - cbs[t] ** 2)", "(1 - ac[t] ** 2)"),
    ("gate-partner-wrong", "dai = dc * cbs[t]", "dai = dc * cs[t - 1]"),
    ("gate-partner-missing", "dac = dc * is_[t]", "dac = dc"),
    ("wrong-slice", "dhn = dz[:n]", "dhn = dz[-n:]"),
    ("gate-message-missing", " + Wo.T @ dao", ""),
    ("gates-swapped", 'g["Wf"] += daf @ zs[t].T\n            g["Wi"] += dai',
     'g["Wf"] += dai @ zs[t].T\n            g["Wi"] += daf'),
    ("state-shifted", 'g["Wy"] += dy @ hs[t].T', 'g["Wy"] += dy @ hs[t - 1].T'),
    ("time-sum-missing", 'g["bf"] += daf', 'g["bf"] = daf'),
    ("first-step-skipped", "reversed(range(T))", "range(T - 1, 0, -1)"),
    ("sign", "dy[text[t + 1]] -= 1", "dy[text[t + 1]] -= 1; dy = -dy"),
    ("gate-slope-missing", "dao = do * os_[t] * (1 - os_[t])", "dao = do"),
    ("clipped", "dhn = dz[:n]", "dhn = np.clip(dz[:n], -0.1, 0.1)"),
    ("", "dcn = fs[t] * dc", "dcn = fs[t] * np.sin(dc)"),
    ("", "daf = dc * cs[t - 1]", "daf = dc * (cs[t - 1] + 0.01)"),
    ("", "dhn = dz[:n]", "dhn = dz[:n] + 1e-3"),
]  # fmt: skip

# Fused gates as a library has them, rows, batch first, two biases, mean squared error, last step.
FUSED = """
import numpy as np

def sig(a):
    return 0.5 * (1 + np.tanh(a / 2))

def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {
        "weight_ih": rng.normal(size=(4 * n, m)) / np.sqrt(m),
        "weight_hh": rng.normal(size=(4 * n, n)) / np.sqrt(n),
        "bias_ih": np.zeros(4 * n), "bias_hh": np.zeros(4 * n),
        "fc": rng.normal(size=(p, n)), "fc_bias": np.zeros(p),
    }
    x, target = rng.normal(size=(B, T, m)), rng.normal(size=(B, p))

    def run(q):
        h, c = np.zeros((B, n)), np.zeros((B, n))
        cache = []
        for t in range(T):
            a = x[:, t] @ q["weight_ih"].T + q["bias_ih"] + h @ q["weight_hh"].T + q["bias_hh"]
            i, f, o = sig(a[:, :n]), sig(a[:, n : 2 * n]), sig(a[:, 3 * n :])
            g = np.tanh(a[:, 2 * n : 3 * n])
            c_new = f * c + i * g
            h_new = o * np.tanh(c_new)
            cache.append((h, c, i, f, g, o, c_new, a))
            h, c = h_new, c_new
        err = h @ q["fc"].T + q["fc_bias"] - target
        loss = (err ** 2).mean()
        derr = 2 * err / err.size
        grads = {k: np.zeros_like(v) for k, v in q.items()}
        grads["fc"], grads["fc_bias"] = derr.T @ h, derr.sum(0)
        dh, dc = derr @ q["fc"], np.zeros((B, n))
        for t in range(T - 1, -1, -1):
            h, c, i, f, g, o, c_new, a = cache[t]
            tc = np.tanh(c_new)
            dc = dc + dh * o * (1 - tc ** 2)
            da = np.hstack([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g ** 2),
                            dh * tc * o * (1 - o)])
            grads["weight_ih"] += da.T @ x[:, t]
            grads["weight_hh"] += da.T @ h
            grads["bias_ih"] += da.sum(0)
            grads["bias_hh"] += da.sum(0)
            dh = da @ q["weight_hh"]
            dc = dc * f
        return loss, grads

    return run, params
"""
FUSED_MISTAKES = [
    ("forget-gate-missing", "            dc = dc * f\n", ""),
    ("cell-message-dropped", "dc = dc * f\n", "dc = 0 * dc\n"),
    ("cell-slope-missing", "dh * o * (1 - tc ** 2)", "dh * o"),
    ("cell-shifted", "dc * c * f", "dc * c_new * f"),
    ("gates-swapped", "np.hstack([dc * g * i * (1 - i), dc * c * f * (1 - f)",
     "np.hstack([dc * c * f * (1 - f), dc * g * i * (1 - i)"),
    ("gate-slope-of-another-function", "o * (1 - o)])", "(1 - o ** 2)])"),
    ("gate-slope-missing", "dc * i * (1 - g ** 2)", "dc * i"),
    ("squash-missing", "dh * tc * o", "dh * c_new * o"),
    ("forget-gate-wrong", "dc = dc * f\n", "dc = dc * i\n"),
    ("time-sum-missing | zero", 'grads["weight_hh"] += da.T @ h', 'grads["weight_hh"] = da.T @ h'),
    ("batch-sum-missing", 'grads["bias_hh"] += da.sum(0)', 'grads["bias_hh"] += da[0]'),
    ("common-factor", "2 * err / err.size", "err / err.size"),
    ("recurrent-truncated", "range(T - 1, -1, -1)", "range(T - 1, max(T - 4, -1), -1)"),
    ("message-not-reset", "dh = da @ q", "dh = dh + da @ q"),
    ("output-gate-missing", "dh * o * (1 - tc", "dh * (1 - tc"),
    ("", "dc = dc * f\n", "dc = dc * f * 1.01 ** t\n"),
    ("", "dh = da @ q", "dh = np.tanh(da) @ q"),
]  # fmt: skip

STYLES = {
    "LSTM, concatenated": (CONCAT, CONCAT_MISTAKES),
    "LSTM, fused": (FUSED, FUSED_MISTAKES),
}

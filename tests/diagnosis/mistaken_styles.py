"""Backward passes in other people's styles, with mistakes planted by changing a line of text.

Each style is a source text of ``problem(case)``; each mistake replaces one piece of it. None of
this shares code or vocabulary with the diagnosis.
"""

# A class with attributes, batch first, PyTorch's names, softmax and mean NLL over class indices.
CLASSIFIER = """
import numpy as np

class Tagger:
    def __init__(self, params):
        self.p = params

    def forward(self, x, h0):
        p = self.p
        B, T, _ = x.shape
        self.x, self.pre, self.hid = x, [], [h0]
        logits = []
        for t in range(T):
            z = x[:, t] @ p["W_ih"].T + p["b_ih"] + self.hid[-1] @ p["W_hh"].T + p["b_hh"]
            self.pre.append(z)
            self.hid.append(np.tanh(z))
            logits.append(self.hid[-1] @ p["W_ho"].T + p["b_o"])
        return np.stack(logits, 1)

    def backward(self, dlogits):
        p = self.p
        B, T, _ = dlogits.shape
        g = {k: np.zeros_like(v) for k, v in p.items()}
        dh_next = np.zeros_like(self.hid[0])
        for t in reversed(range(T)):
            do = dlogits[:, t]
            g["W_ho"] += do.T @ self.hid[t + 1]
            g["b_o"] += do.sum(0)
            dh = do @ p["W_ho"] + dh_next
            dz = dh * (1 - self.hid[t + 1] ** 2)
            g["W_ih"] += dz.T @ self.x[:, t]
            g["W_hh"] += dz.T @ self.hid[t]
            g["b_ih"] += dz.sum(0)
            g["b_hh"] += dz.sum(0)
            dh_next = dz @ p["W_hh"]
        return g

def problem(case):
    rng = case.rng
    T, B, m, n, p = case.T, case.B, case.m, case.n, case.p
    params = {
        "W_ih": rng.normal(size=(n, m)) / np.sqrt(m), "W_hh": rng.normal(size=(n, n)) / np.sqrt(n),
        "W_ho": rng.normal(size=(p, n)), "b_ih": np.zeros(n), "b_hh": np.zeros(n),
        "b_o": np.zeros(p),
    }
    x = rng.normal(size=(B, T, m))
    labels = rng.integers(0, p, (B, T))
    h0 = rng.normal(size=(B, n))

    def value_and_grad(params):
        model = Tagger(params)
        logits = model.forward(x, h0)
        z = logits - logits.max(-1, keepdims=True)
        probs = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
        picked = np.take_along_axis(probs, labels[..., None], -1)
        loss = -np.log(picked).mean()
        d = probs.copy()
        np.put_along_axis(d, labels[..., None], picked - 1, -1)
        d /= B * T
        return loss, model.backward(d)

    return value_and_grad, params
"""
CLASSIFIER_MISTAKES = [
    ("recurrent-transpose", 'dh_next = dz @ p["W_hh"]', 'dh_next = dz @ p["W_hh"].T'),
    ("recurrent-message-dropped", "+ dh_next\n", "\n"),
    ("slope-missing", "dz = dh * (1 - self.hid[t + 1] ** 2)", "dz = dh"),
    ("slope-of-another-step", "(1 - self.hid[t + 1] ** 2)", "(1 - self.hid[t] ** 2)"),
    ("slope-of-preactivation", "(1 - self.hid[t + 1] ** 2)", "(1 - self.pre[t] ** 2)"),
    ("slope-of-activated", "(1 - self.hid[t + 1] ** 2)", "(1 - np.tanh(self.hid[t + 1]) ** 2)"),
    ("slope-of-another-function", "(1 - self.hid[t + 1] ** 2)", "(1 - self.hid[t + 1])"),
    ("slope-missing-in-message", 'dh_next = dz @', 'dh_next = dh @'),
    ("state-shifted", "dz.T @ self.hid[t]", "dz.T @ self.hid[t + 1]"),
    ("state-shifted", "do.T @ self.hid[t + 1]", "do.T @ self.hid[t]"),
    ("time-sum-missing", 'g["W_hh"] +=', 'g["W_hh"] ='),
    ("time-sum-missing", 'g["b_o"] +=', 'g["b_o"] ='),
    ("axis-missing", 'g["b_ih"] += dz.sum(0)', 'g["b_ih"] += dz.sum()'),
    ("batch-sum-missing", 'g["b_hh"] += dz.sum(0)', 'g["b_hh"] += dz[0]'),
    ("common-factor", 'd /= B * T', 'd /= T'),
    ("common-factor", 'd /= B * T', 'pass'),
    ("sign", "picked - 1, -1)", "picked - 1, -1); d = -d"),
    ("common-factor", 'g["b_ih"] += dz.sum(0)', 'g["b_ih"] += dz.mean(0)'),
    ("clipped", 'dh_next = dz @ p["W_hh"]', 'dh_next = np.clip(dz @ p["W_hh"], -0.01, 0.01)'),
    ("first-step-skipped", "reversed(range(T))", "range(T - 1, 0, -1)"),
    ("output-gradient-at-last-step", 'dh = do @ p["W_ho"] + dh_next',
     'dh = (do @ p["W_ho"] if t == T - 1 else 0) + dh_next'),
    ("recurrent-truncated", 'dh_next = dz @ p["W_hh"]',
     'dh_next = dz @ p["W_hh"] * (t % 4 != 0)'),
    ("step-shifted", "dz.T @ self.x[:, t]", "dz.T @ self.x[:, t - 1]"),
    ("another-loss", "picked - 1, -1)", "picked - 1, -1); d = logits - np.eye(p)[labels]"),
    ("message-not-reset", 'dh_next = dz @ p["W_hh"]', 'dh_next = dz @ p["W_hh"] + dh'),
    ("slope-twice", "(1 - self.hid[t + 1] ** 2)", "(1 - self.hid[t + 1] ** 2) ** 2"),
    ("", 'g["W_hh"] += dz.T @ self.hid[t]', 'g["W_hh"] += dz.T @ np.sin(self.hid[t])'),
    ("", "dz = dh * (1 - self.hid[t + 1] ** 2)", "dz = dh * (1 - self.hid[t + 1] ** 2) + 0.01"),
    ("", "dz = dh * (1 - self.hid[t + 1] ** 2)", "dz = np.sin(dh) * (1 - self.hid[t + 1] ** 2)"),
]  # fmt: skip

# Columns and dictionaries of steps, one sequence of characters, summed loss, zero initial state.
CHARACTERS = """
import numpy as np

def loss_fun(inputs, targets, hprev, params):
    Wxh, Whh, Why, bh, by = (params[k] for k in ("Wxh", "Whh", "Why", "bh", "by"))
    vocab = Wxh.shape[1]
    xs, hs, ps = {}, {-1: hprev}, {}
    loss = 0.0
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        y = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(y) / np.sum(np.exp(y))
        loss += -np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, dhraw)
    grads = {"Wxh": dWxh, "Whh": dWhh, "Why": dWhy, "bh": dbh, "by": dby}
    return loss, grads

def problem(case):
    rng, n, vocab = case.rng, case.n, case.p + 1
    params = {
        "Wxh": rng.normal(size=(n, vocab)), "Whh": rng.normal(size=(n, n)),
        "Why": rng.normal(size=(vocab, n)), "bh": np.zeros((n, 1)), "by": np.zeros((vocab, 1)),
    }
    text = [int(i) for i in rng.integers(0, vocab, case.T + 1)]
    inputs, targets, h0 = text[:-1], text[1:], np.zeros((n, 1))
    return lambda params: loss_fun(inputs, targets, h0, params), params
"""
CLIPPED = "    return loss, {k: np.clip(g, -1, 1) for k, g in grads.items()}"
MEANS = "    return loss, {k: g / len(inputs) for k, g in grads.items()}"
CHARACTERS_MISTAKES = [
    ("recurrent-transpose", "np.dot(Whh.T, dhraw)", "np.dot(Whh, dhraw)"),
    ("recurrent-message-dropped", "+ dhnext", ""),
    ("slope-missing", "(1 - hs[t] * hs[t]) * dh", "dh"),
    ("slope-of-another-step", "(1 - hs[t] * hs[t]) * dh", "(1 - hs[t - 1] * hs[t - 1]) * dh"),
    ("slope-of-another-function", "(1 - hs[t] * hs[t])", "hs[t] * (1 - hs[t])"),
    ("state-shifted", "np.dot(dhraw, hs[t - 1].T)", "np.dot(dhraw, hs[t].T)"),
    ("time-sum-missing", "dbh += dhraw", "dbh = dhraw"),
    ("time-sum-missing", "dWxh += np", "dWxh = np"),
    ("sign", "dy[targets[t]] -= 1", "dy[targets[t]] -= 1; dy = -dy"),
    ("another-loss", "        dy[targets[t]] -= 1\n", ""),
    ("output-gradient-at-last-step", "np.dot(Why.T, dy) + dhnext",
     "np.dot(Why.T, dy) * (t == len(inputs) - 1) + dhnext"),
    ("clipped", "dhnext = np.dot(Whh.T, dhraw)", "dhnext = np.clip(np.dot(Whh.T, dhraw), -1, 1)"),
    ("clipped-result", "    return loss, grads", CLIPPED),
    ("recurrent-truncated", "reversed(range(len(inputs)))",
     "reversed(range(max(0, len(inputs) - 4), len(inputs)))"),
    ("common-factor", "    return loss, grads", MEANS),
    ("recurrent-weight-missing", "np.dot(Whh.T, dhraw)", "dhraw"),
    ("slope-wrong-side", "np.dot(Whh.T, dhraw)", "(1 - hs[t] * hs[t]) * np.dot(Whh.T, dh)"),
    ("", "np.dot(dhraw, hs[t - 1].T)", "np.dot(dhraw, hs[t - 1].T) * 1.01 ** t"),
    ("", "np.dot(Whh.T, dhraw)", "np.dot(Whh.T, dhraw) * (np.arange(len(bh)) % 2)[:, None]"),
]  # fmt: skip

# Row vectors, sigmoid, one weight for [h, x], squared error of the last state, h0 given.
MANY_TO_ONE = """
import numpy as np

def sig(a):
    return 1 / (1 + np.exp(-a))

def problem(case):
    rng = case.rng
    T, B, m, n, p = case.T, case.B, case.m, case.n, case.p
    xs = [rng.normal(size=(B, m)) for _ in range(T)]
    target = rng.normal(size=(B, p))
    start = {
        "kernel": rng.normal(size=(n + m, n)), "bias": np.zeros((1, n)),
        "out": rng.normal(size=(n, p)), "out_bias": np.zeros((1, p)), "init": np.zeros((B, n)),
    }

    def run(q):
        hs, cat = [q["init"]], []
        for x in xs:
            cat.append(np.hstack([hs[-1], x]))
            hs.append(sig(cat[-1] @ q["kernel"] + q["bias"]))
        guess = hs[-1] @ q["out"] + q["out_bias"]
        err = guess - target
        loss = (err ** 2).mean()
        derr = 2 * err / err.size
        dk, db = np.zeros_like(q["kernel"]), np.zeros_like(q["bias"])
        dout, dob = hs[-1].T @ derr, derr.sum(0, keepdims=True)
        dh = derr @ q["out"].T
        for t in range(T - 1, -1, -1):
            h = hs[t + 1]
            da = dh * h * (1 - h)
            dk += cat[t].T @ da
            db += da.sum(0, keepdims=True)
            dh = (da @ q["kernel"].T)[:, :n]
        return loss, {"kernel": dk, "bias": db, "out": dout, "out_bias": dob, "init": dh}

    return run, start
"""
MANY_TO_ONE_MISTAKES = [
    ("recurrent-transpose", '(da @ q["kernel"].T)[:, :n]', 'da @ q["kernel"][:n]'),
    ("slope-of-another-function", "da = dh * h * (1 - h)", "da = dh * (1 - h ** 2)"),
    ("slope-missing", "da = dh * h * (1 - h)", "da = dh"),
    ("slope-of-activated", "da = dh * h * (1 - h)", "da = dh * sig(h) * (1 - sig(h))"),
    ("slope-twice", "da = dh * h * (1 - h)", "da = dh * (h * (1 - h)) ** 2"),
    ("time-sum-missing", "dk += cat[t].T @ da", "dk = cat[t].T @ da"),
    ("time-sum-missing", "db += da.sum", "db = da.sum"),
    ("common-factor", "2 * err / err.size", "err / err.size"),
    ("common-factor", "2 * err / err.size", "2 * err / B"),
    ("stale-cache", "h = hs[t + 1]", "h = hs[-1]"),
    ("stale-cache", "dk += cat[t].T @ da", "dk += cat[-1].T @ da"),
    ("initial-gradient-short", '"init": dh}', '"init": da}'),
    ("zero", '"init": dh}', '"init": 0 * dh}'),
    ("batch-sum-missing", "da.sum(0, keepdims=True)", "da[:1]"),
    ("common-factor", "da.sum(0, keepdims=True)", "da.mean(0, keepdims=True)"),
    ("first-step-skipped", "range(T - 1, -1, -1)", "range(T - 1, 0, -1)"),
    ("recurrent-truncated", "range(T - 1, -1, -1)", "range(T - 1, max(T - 4, -1), -1)"),
    ("weight-decay", "return loss, {", "dk = dk + 1e-3 * q['kernel']; return loss, {"),
    ("sign", "derr = 2 * err", "derr = -2 * err"),
    ("", "dk += cat[t].T @ da", "dk += cat[t].T @ (da + 1e-3)"),
]  # fmt: skip

STYLES = {
    "classifier": (CLASSIFIER, CLASSIFIER_MISTAKES),
    "characters": (CHARACTERS, CHARACTERS_MISTAKES),
    "many to one": (MANY_TO_ONE, MANY_TO_ONE_MISTAKES),
}

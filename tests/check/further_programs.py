"""Backward passes of kinds that public code has, each right, and wrong by one slip."""

import numpy as np


def softmax(o):
    exponentials = np.exp(o - o.max(-1, keepdims=True))
    return exponentials / exponentials.sum(-1, keepdims=True)


def mean_over_a_mask(case, slip):
    """A vanilla RNN whose loss is the mean over the steps that a mask leaves; or over all."""
    r, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    x, y = r.normal(size=(B, T, m)), r.integers(0, p, (B, T))
    mask = (np.arange(T)[None] < r.integers(1, T + 1, B)[:, None]) * 1.0

    def value_and_grad(params):
        h, hs, losses, errors = np.zeros((B, n)), [], 0.0, []
        for t in range(T):
            hs.append(h)
            h = np.tanh(x[:, t] @ params["W"] + h @ params["U"])
            probabilities = softmax(h @ params["V"])
            losses -= (mask[:, t] * np.log(probabilities[np.arange(B), y[:, t]])).sum()
            probabilities[np.arange(B), y[:, t]] -= 1
            errors.append(probabilities * mask[:, t][:, None] / (B * T if slip else mask.sum()))
        hs.append(h)
        grads = {name: np.zeros_like(a) for name, a in params.items()}
        message = np.zeros((B, n))
        for t in reversed(range(T)):
            grads["V"] += hs[t + 1].T @ errors[t]
            da = (message + errors[t] @ params["V"].T) * (1 - hs[t + 1] ** 2)
            grads["W"] += x[:, t].T @ da
            grads["U"] += hs[t].T @ da
            message = da @ params["U"].T
        return losses / mask.sum(), grads

    shapes = {"W": (m, n), "U": (n, n), "V": (n, p)}
    return value_and_grad, {k: r.normal(size=s) / np.sqrt(s[0]) for k, s in shapes.items()}


def weight_norm(case, slip):
    """Rows of length g; or what changes the length of v is not taken out."""
    r, B, m, n = case.rng, case.B, case.m, case.n
    x, y = r.normal(size=(B, m)), r.normal(size=(B, n))

    def value_and_grad(params):
        v, g = params["v"], params["g"][:, None]
        length = np.sqrt((v**2).sum(1, keepdims=True))
        h = np.tanh(x @ (g * v / length).T)
        dw = (2 * (h - y) / h.size * (1 - h * h)).T @ x
        dg = (dw * v).sum(1, keepdims=True) / length
        dv = g / length * (dw - (0 if slip else dg * v / length))
        return np.mean((h - y) ** 2), {"v": dv, "g": dg[:, 0]}

    return value_and_grad, {"v": r.normal(size=(n, m)), "g": r.uniform(0.5, 1.5, n)}


def layer_norm(case, slip):
    """An RNN of normalised states, its parameters a list of tuples; or the deviation is fixed."""
    r, T, B, m, n = case.rng, case.T, case.B, case.m, max(case.n, 2)
    x, y = r.normal(size=(T, B, m)), r.normal(size=(B, n))

    def value_and_grad(params):
        (W, U), (gain, offset) = params
        h, cache = np.zeros((B, n)), []
        for t in range(T):
            a = x[t] @ W.T + h @ U.T
            centred = a - a.mean(1, keepdims=True)
            deviation = np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5)
            z = centred / deviation
            after = np.tanh(gain * z + offset)
            cache.append((h, z, deviation, after))
            h = after
        dW, dU, dgain, doffset = (np.zeros_like(a) for a in (W, U, gain, offset))
        message = (h - y) / B
        for t in reversed(range(T)):
            before, z, deviation, after = cache[t]
            do = message * (1 - after**2)
            dgain, doffset, dz = dgain + (do * z).sum(0), doffset + do.sum(0), do * gain
            spread = 0 if slip else z * (dz * z).mean(1, keepdims=True)
            da = (dz - dz.mean(1, keepdims=True) - spread) / deviation
            dW, dU, message = dW + da.T @ x[t], dU + da.T @ before, da @ U
        return ((h - y) ** 2).sum() / 2 / B, [(dW, dU), (dgain, doffset)]

    weights = (r.normal(size=(n, m)) / np.sqrt(m), r.normal(size=(n, n)) / np.sqrt(n))
    return value_and_grad, [weights, (np.ones(n), np.zeros(n))]


def fed_back(case, slip):
    """Scheduled sampling with drawn choices: outputs are inputs; or no gradient goes that way."""
    r, T, B, n, p = case.rng, case.T, case.B, case.n, case.p
    y, own = r.normal(size=(T + 1, B, p)), r.random((T, B, 1)) < 0.5

    def value_and_grad(params):
        W, U, V = params["W"], params["U"], params["V"]
        h, out, cache = np.zeros((B, n)), np.zeros((B, p)), []
        for t in range(T):
            given = np.where(own[t], out, y[t])
            before, h = h, np.tanh(given @ W + h @ U)
            out = h @ V
            cache.append((given, before, h, out - y[t + 1]))
        grads = {name: np.zeros_like(a) for name, a in params.items()}
        message, fed = np.zeros((B, n)), np.zeros((B, p))
        for t in reversed(range(T)):
            given, before, after, e = cache[t]
            do = 2 * e + (0 if slip else fed)
            grads["V"] += after.T @ do
            da = (do @ V.T + message) * (1 - after**2)
            grads["W"] += given.T @ da
            grads["U"] += before.T @ da
            message, fed = da @ U.T, own[t] * (da @ W.T)
        return sum((e**2).sum() for *_, e in cache), grads

    shapes = {"W": (p, n), "U": (n, n), "V": (n, p)}
    return value_and_grad, {k: r.normal(size=s) / np.sqrt(s[0]) for k, s in shapes.items()}


def alignments(case, slip):
    """A loss over all monotonic alignments, by forward and backward sums; or one arc too many."""
    r, T, m = case.rng, max(case.T, 4), case.m
    x, labels = r.normal(size=(T, m)), [0, 1, 0, 1, 0]  # a repeated label needs the blank between

    def arcs(s):
        return [s - 1, s] if s else [s]

    def value_and_grad(params):
        p = softmax(x @ params["W"])
        ahead, behind = np.zeros((T, 5)), np.zeros((T, 5))
        ahead[0, :2], behind[-1, 3:] = p[0, labels[:2]], 1.0
        for t in range(1, T):
            for s in range(5):
                ahead[t, s] = p[t, labels[s]] * sum(ahead[t - 1, k] for k in arcs(s))
        for t in reversed(range(T - 1)):
            for s in range(5):
                others = [k for k in range(5) if s in arcs(k) or (slip and k == s + 2)]
                behind[t, s] = sum(behind[t + 1, k] * p[t + 1, labels[k]] for k in others)
        total = ahead[-1, 3:].sum()
        do = p.copy()
        for s, label in enumerate(labels):
            do[:, label] -= ahead[:, s] * behind[:, s] / total
        return -np.log(total), {"W": x.T @ do}

    return value_and_grad, {"W": r.normal(size=(m, 2))}


def cosine(case, slip):
    """The cosine of states and targets; or the length of the states is fixed."""
    r, B, m, n = case.rng, case.B, case.m, max(case.n, 2)
    x, y = r.normal(size=(B, m)), r.normal(size=(B, n))

    def value_and_grad(params):
        h = np.tanh(x @ params["layer"]["W"] + params["layer"]["b"])
        length = np.linalg.norm(h, axis=1, keepdims=True)
        towards = y / np.linalg.norm(y, axis=1, keepdims=True) / length
        cosines = (h * towards).sum(1, keepdims=True)
        da = -(towards - (0 if slip else cosines * h / length**2)) / B * (1 - h**2)
        return (1 - cosines).mean(), {"layer": {"W": x.T @ da, "b": da.sum(0)}}

    weights = r.normal(size=(m, n)) / np.sqrt(m)
    return value_and_grad, {"layer": {"W": weights, "b": 0.1 * r.normal(size=n)}}


PROGRAMS = (mean_over_a_mask, weight_norm, layer_norm, fed_back, alignments, cosine)

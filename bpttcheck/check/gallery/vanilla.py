"""A vanilla RNN with its backward pass, and what can go wrong in a line of it."""

SOURCE = """\
import numpy as np


def problem(case):
    rng, T, B, m, n, p = case.rng, case.T, case.B, case.m, case.n, case.p
    params = {
        "U": rng.normal(size=(n, m)), "W": rng.normal(size=(n, n)) / np.sqrt(n),
        "V": rng.normal(size=(p, n)), "b": np.zeros(n), "c": np.zeros(p),
        "x": rng.normal(size=(T, B, m)), "h0": rng.normal(size=(B, n)),
    }
    y = rng.normal(size=(T, B, p))

    def value_and_grad(params):
        U, W, V, b, c, x, h0 = params.values()
        a, h = np.zeros((T, B, n)), np.zeros((T + 1, B, n))
        h[0] = h0
        for t in range(T):
            a[t] = x[t] @ U.T + h[t] @ W.T + b
            h[t + 1] = np.tanh(a[t])
        o = h[1:] @ V.T + c
        loss = ((o - y) ** 2).sum() / 2
        do = o - y
        dU, dW, db = np.zeros_like(U), np.zeros_like(W), np.zeros_like(b)
        dV, dc = np.einsum("tbi,tbj->ij", do, h[1:]), do.sum((0, 1))
        dx, message = np.zeros_like(x), np.zeros_like(h0)
        for t in range(T - 1, -1, -1):
            dh = do[t] @ V + message
            da = dh * (1 - h[t + 1] ** 2)
            dU += da.T @ x[t]
            dW += da.T @ h[t]
            db += da.sum(0)
            dx[t] = da @ U
            message = da @ W
        grads = {"U": dU, "W": dW, "V": dV, "b": db, "c": dc, "x": dx, "h0": message}
        return loss, grads

    return value_and_grad, params
"""

MISTAKES = (
    ("recurrent-transpose", "message = da @ W", "message = da @ W.T"),
    ("recurrent-message-dropped", "dh = do[t] @ V + message", "dh = do[t] @ V"),
    ("recurrent-truncated", "message = da @ W", "message = da @ W if t % 4 else 0 * da"),
    ("recurrent-weight-missing", "message = da @ W", "message = da"),
    ("message-not-reset", "message = da @ W", "message = da @ W + dh"),
    ("slope-missing", "da = dh * (1 - h[t + 1] ** 2)", "da = dh"),
    ("slope-missing-in-message", "message = da @ W", "message = dh @ W"),
    ("slope-missing-in-weights", "dW += da.T @ h[t]", "dW += dh.T @ h[t]"),
    ("slope-twice", "(1 - h[t + 1] ** 2)", "(1 - h[t + 1] ** 2) ** 2"),
    ("slope-of-preactivation", "(1 - h[t + 1] ** 2)", "(1 - a[t] ** 2)"),
    ("slope-of-activated", "(1 - h[t + 1] ** 2)", "(1 - np.tanh(h[t + 1]) ** 2)"),
    ("slope-of-another-step", "(1 - h[t + 1] ** 2)", "(1 - h[t] ** 2)"),
    ("slope-of-another-function", "(1 - h[t + 1] ** 2)", "h[t + 1] * (1 - h[t + 1])"),
    ("state-shifted", "dW += da.T @ h[t]", "dW += da.T @ h[t + 1]"),
    ("state-wraps-around", "dW += da.T @ h[t]", "dW += da.T @ h[1:][t - 1]"),
    ("initial-state-forgotten", "dW += da.T @ h[t]", "dW += da.T @ h[t] * (t > 0)"),
    ("first-step-skipped", "range(T - 1, -1, -1)", "range(T - 1, 0, -1)"),
    ("last-step-skipped", "range(T - 1, -1, -1)", "range(T - 2, -1, -1)"),
    ("output-gradient-at-last-step", "dh = do[t] @ V", "dh = do[t] @ V * (t == T - 1)"),
    ("output-gradient-repeated", "dh = do[t] @ V", "dh = do[-1] @ V"),
    ("output-gradient-shifted", "dh = do[t] @ V", "dh = do[min(t + 1, T - 1)] @ V"),
    ("time-sum-missing", "dW += da.T", "dW = da.T"),
    ("batch-sum-missing", "db += da.sum(0)", "db += da[0]"),
    ("axis-missing", "db += da.sum(0)", "db += da.sum()"),
    ("stale-cache", "dU += da.T @ x[t]", "dU += da.T @ x[-1]"),
    ("sign", "        do = o - y", "        do = y - o"),
    ("common-factor", "        do = o - y", "        do = (o - y) / B"),
    ("another-loss", "        do = o - y", "        do = np.sign(o - y)"),
    ("clipped", "message = da @ W", "message = np.clip(da @ W, -1, 1)"),
    ("clipped-result", '"W": dW', '"W": np.clip(dW, -1, 1)'),
    ("weight-decay", '"W": dW', '"W": dW + 1e-3 * W'),
    ("zero", '"h0": message', '"h0": np.zeros_like(h0)'),
    ("transposed-gradient", '"W": dW', '"W": dW.T'),
    (
        "input-gradient-without-recurrence",
        "dx[t] = da @ U",
        "dx[t] = (do[t] @ V * (1 - h[t + 1] ** 2)) @ U",
    ),
    ("time-reversed", '"x": dx', '"x": dx[::-1]'),
    ("initial-gradient-short", '"h0": message', '"h0": dh'),
    ("recurrent-message-sign", "message = da @ W", "message = -da @ W"),
    ("recurrent-message-scaled", "message = da @ W", "message = da @ W / 2"),
    ("message-mixes-sequences", "message = da @ W", "message = 0 * dh + (da @ W).sum(0)"),
    (
        "slope-missing-on-output",
        "da = dh * (1 - h[t + 1] ** 2)",
        "da = do[t] @ V + message * (1 - h[t + 1] ** 2)",
    ),
    ("slope-clamped", "(1 - h[t + 1] ** 2)", "np.maximum(1 - h[t + 1] ** 2, 0.1)"),
    ("slope-wrong-side", "message = da @ W", "message = (dh @ W) * (1 - h[t + 1] ** 2)"),
    ("output-gradient-skipped", "dh = do[t] @ V", "dh = do[t] @ V * (t > 0)"),
    ("output-gradient-dropped", "dh = do[t] @ V + message", "dh = message"),
    ("output-gradient-twice", "dh = do[t] @ V", "dh = do[t] @ V * (1 + (t == T - 1))"),
    ("output-gradient-smeared", "dh = do[t] @ V", "dh = do[t].mean(0) @ V"),
    ("targets-shifted", "        do = o - y", "        do = o - np.roll(y, 1, axis=0)"),
    ("axes-reshaped", "        do = o - y", "        do = (o - y).swapaxes(0, 1).reshape(o.shape)"),
    ("counted-again", "db += da.sum(0)", "db += (T - t) * da.sum(0)"),
    ("sums-multiplied", "dW += da.T @ h[t]", "dW += np.outer(da.sum(0), h[t].sum(0))"),
    (
        "preactivation-for-state",
        'np.einsum("tbi,tbj->ij", do, h[1:])',
        'np.einsum("tbi,tbj->ij", do, a)',
    ),
    ("step-shifted", "dU += da.T @ x[t]", "dU += da.T @ x[t - 1]"),
    (
        "recurrent-terms-missing",
        "dW += da.T @ h[t]",
        "dW += (do[t] @ V * (1 - h[t + 1] ** 2)).T @ h[t]",
    ),
    ("output-terms-missing", "dU += da.T @ x[t]", "dU += (message * (1 - h[t + 1] ** 2)).T @ x[t]"),
    ("changed-entrywise", '"W": dW', '"W": np.abs(dW)'),
    ("reversed", '"W": dW', '"W": dW[::-1]'),
    ("slice-missing", '"W": dW', '"W": np.vstack([0 * dW[:1], dW[1:]])'),
)
"""The cause, a piece of the source, and what stands there instead."""

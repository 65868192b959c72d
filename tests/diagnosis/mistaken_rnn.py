"""A hand-written vanilla RNN, with one mistake planted in its backward pass or none."""

import numpy as np

MISTAKES = (
    "transpose", "no message", "truncated at 3", "no slope", "slope of a", "slope twice",
    "h_t for h_{t-1}", "wraps around", "last step skipped", "first step skipped",
    "output gradient at the last step", "output gradient early", "bias without time",
    "bias without batch", "= for +=", "stale h", "sign of c", "mean for sum", "clipped",
    "time-reversed x", "one entry by 1e-6",
)  # fmt: skip


def drawn(rng, T=8, B=3, m=3, n=4, p=2, scale=1.0, dtype=np.float64):
    """Return parameters, inputs, initial state and targets."""
    params = {
        "U": rng.normal(size=(n, m)) * scale / np.sqrt(m),
        "W": rng.normal(size=(n, n)) * scale / np.sqrt(n),
        "V": rng.normal(size=(p, n)) / np.sqrt(n),
        "b": 0.3 * rng.normal(size=n),
        "c": 0.3 * rng.normal(size=p),
        "x": rng.normal(size=(T, B, m)),
        "h0": 0.5 * rng.normal(size=(B, n)),
    }
    return {k: a.astype(dtype) for k, a in params.items()}, rng.normal(size=(T, B, p))


def network(y, mistake="", phi="tanh", buffers=None):
    """Return ``value_and_grad`` of ½ Σ ‖o_t − y_t‖², with 1 − h² from the rounded h.

    ``buffers`` is the float type of the states, if not that of W.
    """

    def slope(a, h):
        if phi == "relu":
            return (a > 0).astype(a.dtype)
        return 1 - (a if mistake == "slope of a" else h) ** 2

    def value_and_grad(params):
        U, W, V, b, c, x, h0 = (params[k] for k in ("U", "W", "V", "b", "c", "x", "h0"))
        T, B, n = len(x), x.shape[1], len(W)
        dtype = buffers or W.dtype
        a, h = np.zeros((T, B, n), dtype), np.zeros((T + 1, B, n), dtype)
        h[0] = h0
        for t in range(T):
            a[t] = x[t] @ U.T + h[t] @ W.T + b
            h[t + 1] = np.tanh(a[t]) if phi == "tanh" else np.maximum(a[t], 0)
        do = h[1:] @ V.T + c - y.astype(W.dtype)
        loss = (do**2).sum() / 2
        g = {k: np.zeros_like(v) for k, v in params.items()}
        g["V"] = np.einsum("tbp,tbn->pn", do, h[1:])
        g["c"] = do.sum((0, 1)) * (-1 if mistake == "sign of c" else 1)
        if mistake == "mean for sum":
            do = do / B
        message = np.zeros((B, n), W.dtype)
        for t in range(T - 1, -1, -1):
            if (mistake == "last step skipped" and t == T - 1) or (
                mistake == "first step skipped" and t == 0
            ):
                continue
            at = min(t + 1, T - 1) if mistake == "output gradient early" else t
            out = do[at] @ V
            if mistake == "output gradient at the last step" and t < T - 1:
                out = 0 * out
            state = h[-1] if mistake == "stale h" else h[t + 1]
            da = (out + message) * (1 if mistake == "no slope" else slope(a[t], state))
            if mistake == "slope twice":
                da = da * slope(a[t], state)
            before = h[t + 1] if mistake == "h_t for h_{t-1}" else h[t]
            if mistake == "wraps around" and t == 0:
                before = h[-1]
            if mistake == "clipped":
                da = np.clip(da, -0.5, 0.5)
            dW = da.T @ before
            g["W"] = dW if mistake == "= for +=" else g["W"] + dW
            g["U"] = g["U"] + da.T @ x[t]
            db = da[0] if mistake == "bias without batch" else da.sum(0)
            g["b"] = db if mistake == "bias without time" else g["b"] + db
            g["x"][t] = da @ U
            message = da @ (W.T if mistake == "transpose" else W)
            if mistake == "no message" or (mistake == "truncated at 3" and t % 3 == 0):
                message = 0 * message
        g["h0"] = message
        if mistake == "time-reversed x":
            g["x"] = g["x"][::-1]
        if mistake == "one entry by 1e-6":
            g["W"][1, 0] *= 1 + 1e-6
        return loss, g

    return value_and_grad

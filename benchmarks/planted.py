"""A hand-written vanilla RNN with one mistake in its backward pass, or none: what checkers get.

It is written as people write it, with buffers of one float type and 1 − h² from the rounded h.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Point = tuple[Callable[[dict[str, Any]], Any], dict[str, Any]]

MISTAKES = (
    "W for Wᵀ in the message", "no message", "message of the wrong sign",
    "message dropped every 3 steps", "message dropped after 6 steps",
    "message without the slope", "slope forgotten", "slope of the pre-activation",
    "slope twice", "slope of the previous state", "slope at least 0.01", "h_t for h_{t−1}",
    "h_{−1} wraps around", "the last state at every step", "last step skipped",
    "first step skipped", "output gradient at the last step alone",
    "output gradient one step early", "the last output gradient at every step",
    "bias not summed over time", "bias not summed over the batch", "bias summed without axis",
    "= for += in W", "= for += in U", "sign of c", "1/B for the states", "1/T for the states",
    "clip at ±5", "clip by norm at 5", "x one step late in U", "inputs reversed in time",
    "inputs without the recurrent part", "initial state without W", "previous state in V",
    "all of W by 1e-7", "one entry of W by 1e-4", "one entry of W by 1e-7",
)  # fmt: skip

REGIMES = ("ordinary", "zero biases and state", "saturated", "large")


def drawn(
    seed: int, regime: str, sizes: tuple[int, ...] = (8, 3, 2, 4, 2), dtype: Any = np.float64
) -> tuple[dict[str, Any], Any]:
    """Return the parameters, inputs and initial state by name, and the targets."""
    T, B, m, n, p = sizes
    rng = np.random.default_rng([seed, REGIMES.index(regime)])
    scale = 16.0 if regime == "saturated" else 1.0
    silent = 0.0 if regime == "zero biases and state" else 1.0
    params = {
        "U": scale * rng.normal(size=(n, m)) / np.sqrt(m),
        "W": scale * rng.normal(size=(n, n)) / np.sqrt(n),
        "V": (30.0 if regime == "large" else 1.0) * rng.normal(size=(p, n)) / np.sqrt(n),
        "b": silent * 0.3 * rng.normal(size=n),
        "c": silent * 0.3 * rng.normal(size=p),
        "x": rng.normal(size=(T, B, m)),
        "h0": silent * 0.5 * rng.normal(size=(B, n)),
    }
    return {name: a.astype(dtype) for name, a in params.items()}, rng.normal(size=(T, B, p))


def network(
    mistake: str, params: dict[str, Any], targets: Any, *, relu: bool = False
) -> Callable[[dict[str, Any]], Any]:
    """Return ``value_and_grad`` of ½ Σ ‖o_t − y_t‖²."""
    if mistake not in ("", *MISTAKES):
        raise ValueError(f"mistake: expected one of MISTAKES, got {mistake!r}")
    dtype = params["W"].dtype
    y = targets.astype(dtype)

    def value_and_grad(given: dict[str, Any]) -> Any:
        U, W, V, b, c, x, h0 = (given[k] for k in ("U", "W", "V", "b", "c", "x", "h0"))
        T, B, n = x.shape[0], x.shape[1], W.shape[0]
        a, h = np.zeros((T, B, n), dtype), np.zeros((T + 1, B, n), dtype)
        h[0] = h0
        for t in range(T):
            a[t] = x[t] @ U.T + h[t] @ W.T + b
            h[t + 1] = np.maximum(a[t], 0) if relu else np.tanh(a[t])
        do = h[1:] @ V.T + c - y
        loss = float((do * do).sum() / 2) if dtype == np.float64 else (do * do).sum() / 2
        return loss, _backward(mistake, given, a, h, do, relu)

    return value_and_grad


def _slope(a: Any, h: Any, relu: bool) -> Any:
    return (a > 0).astype(h.dtype) if relu else 1 - h * h


def _backward(mistake: str, given: dict[str, Any], a: Any, h: Any, do: Any, relu: bool) -> Any:
    U, W, V, x = given["U"], given["W"], given["V"], given["x"]
    T, B, _ = a.shape
    before = {"previous state in V": h[:-1]}.get(mistake, h[1:])
    g = {name: np.zeros_like(value) for name, value in given.items()}
    g["V"] = np.einsum("tbp,tbn->pn", do, before)
    g["c"] = do.sum((0, 1)) * (-1 if mistake == "sign of c" else 1)
    share = {"1/B for the states": B, "1/T for the states": T}.get(mistake, 1)
    out = _injected(mistake, do) @ V / share
    message = np.zeros_like(a[0])
    for t in range(T - 1, -1, -1):
        if (mistake == "last step skipped" and t == T - 1) or (
            mistake == "first step skipped" and t == 0
        ):
            continue
        slope = _mistaken_slope(mistake, a[t], h[t + 1], h[t], relu)
        da = (out[t] + message) * slope
        if mistake == "message without the slope":
            da = out[t] * slope + message
        da = _clipped(mistake, da)
        state = {"h_t for h_{t−1}": h[t + 1], "the last state at every step": h[T - 1]}.get(
            mistake, h[T] if mistake == "h_{−1} wraps around" and t == 0 else h[t]
        )
        late = x[max(t - 1, 0)] if mistake == "x one step late in U" else x[t]
        _add(g, "W", da.T @ state, assign=mistake == "= for += in W")
        _add(g, "U", da.T @ late, assign=mistake == "= for += in U")
        _add(g, "b", _bias(mistake, da), assign=mistake == "bias not summed over time")
        alone = mistake == "inputs without the recurrent part"
        g["x"][t] = (out[t] * slope if alone else da) @ U
        message = _sent(mistake, da, W, T - t)
        initial = da if mistake == "initial state without W" else message
    g["h0"] = initial
    return _spoilt(mistake, g)


def _add(g: dict[str, Any], name: str, term: Any, *, assign: bool) -> None:
    g[name] = term if assign else g[name] + term


def _injected(mistake: str, do: Any) -> Any:
    last = np.concatenate([0 * do[:-1], do[-1:]])
    return {
        "output gradient at the last step alone": last,
        "output gradient one step early": np.concatenate([do[1:], do[-1:]]),
        "the last output gradient at every step": 0 * do + do[-1],
    }.get(mistake, do)


def _mistaken_slope(mistake: str, a: Any, h: Any, before: Any, relu: bool) -> Any:
    slope = _slope(a, h, relu)
    if mistake == "slope forgotten":
        return np.ones_like(slope)
    if mistake == "slope of the pre-activation":
        return 1 - a * a
    if mistake == "slope of the previous state":
        return _slope(before, before, relu)
    if mistake == "slope at least 0.01":
        return np.maximum(slope, 0.01)
    return slope * slope if mistake == "slope twice" else slope


def _clipped(mistake: str, da: Any) -> Any:
    if mistake == "clip at ±5":
        return np.clip(da, -5, 5)
    if mistake == "clip by norm at 5":
        return da * min(1.0, 5 / max(float(np.linalg.norm(da)), 1e-30))
    return da


def _bias(mistake: str, da: Any) -> Any:
    if mistake == "bias not summed over the batch":
        return da[0]
    return da.sum() + 0 * da[0] if mistake == "bias summed without axis" else da.sum(0)


def _sent(mistake: str, da: Any, W: Any, sent: int) -> Any:
    message = da @ (W.T if mistake == "W for Wᵀ in the message" else W)
    dropped = (
        mistake == "no message"
        or (mistake == "message dropped every 3 steps" and sent % 3 == 0)
        or (mistake == "message dropped after 6 steps" and sent % 6 == 0)
    )
    sign = -1 if mistake == "message of the wrong sign" else 1
    return 0 * message if dropped else sign * message


def _spoilt(mistake: str, g: dict[str, Any]) -> dict[str, Any]:
    if mistake == "inputs reversed in time":
        g["x"] = g["x"][::-1].copy()
    if mistake == "all of W by 1e-7":
        g["W"] = g["W"] * (1 + 1e-7)
    for size in (1e-4, 1e-7):
        if mistake == f"one entry of W by {size:.0e}".replace("e-0", "e-"):
            g["W"][0, 0] += size * np.sqrt(np.mean(g["W"] ** 2))
    return g

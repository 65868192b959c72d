"""Mistaken passes, through the activation: φ′ left out, or taken of or at something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from bpttcheck.activations import relu, sigmoid, tanh
from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward import Base, Flow, propagate
from bpttcheck.diagnosis.passes import Make, Pass
from bpttcheck.diagnosis.steps import moved


def _formula(name: str, h: Array) -> Array:
    """Return φ′ in terms of the state."""
    match name:
        case "tanh":
            return np.asarray(1 - h**2)
        case "sigmoid":
            return np.asarray(h * (1 - h))
        case "relu":
            return np.asarray((h > 0).astype(float))
        case "tanh(a/2)":
            return np.asarray((1 - h**2) / 2)
    return np.ones_like(h)


OTHER_SLOPES: dict[str, dict[str, Callable[[Array, Array], Array]]] = {
    "tanh": {
        "h ∘ (1 − h), that of σ": lambda a, h: h * (1 - h),
        "σ′(a)": lambda a, h: sigmoid.derivative(a),
        "1 − h, the square forgotten": lambda a, h: 1 - h,
        "1 + h²": lambda a, h: 1 + h**2,
        "h² − 1": lambda a, h: h**2 - 1,
        "(1 − h)²": lambda a, h: (1 - h) ** 2,
        "1 − |h|": lambda a, h: 1 - np.abs(h),
        "h²": lambda a, h: h**2,
        "h": lambda a, h: h,
        "(1 − h²)^½": lambda a, h: np.sqrt(1 - h**2),
        "1 − 2h²": lambda a, h: 1 - 2 * h**2,
        "that of ReLU": lambda a, h: relu.derivative(a),
        "1/(1 + a²)": lambda a, h: 1 / (1 + a**2),
        "½ (1 − h²)": lambda a, h: (1 - h**2) / 2,
    },
    "sigmoid": {
        "1 − h², that of tanh": lambda a, h: 1 - h**2,
        "tanh′(a)": lambda a, h: tanh.derivative(a),
        "1 − h": lambda a, h: 1 - h,
        "h": lambda a, h: h,
        "h²": lambda a, h: h**2,
        "h ∘ (1 + h)": lambda a, h: h * (1 + h),
        "h ∘ (h − 1)": lambda a, h: h * (h - 1),
        "(1 − h)²": lambda a, h: (1 - h) ** 2,
        "½ (1 − tanh²(a/2)), twice it": lambda a, h: 2 * h * (1 - h),
        "1 − tanh²(a/2), four times it": lambda a, h: 4 * h * (1 - h),
    },
    "relu": {
        "that of a leaky ReLU, 0.01": lambda a, h: np.where(a > 0, 1.0, 0.01),
        "that of a leaky ReLU, 0.1": lambda a, h: np.where(a > 0, 1.0, 0.1),
        "1 − h², that of tanh": lambda a, h: 1 - h**2,
        "h ∘ (1 − h), that of σ": lambda a, h: h * (1 - h),
        "h": lambda a, h: h,
        "1 where a < 0": lambda a, h: (a < 0).astype(float),
    },
    "tanh(a/2)": {
        "1 − h², the ½ of a/2 forgotten": lambda a, h: 1 - h**2,
        "tanh′(a)": lambda a, h: tanh.derivative(a),
        "½ tanh′(a)": lambda a, h: tanh.derivative(a) / 2,
    },
    "linear": {
        "1 − h², that of tanh": lambda a, h: 1 - h**2,
        "h ∘ (1 − h), that of σ": lambda a, h: h * (1 - h),
        "that of ReLU": lambda a, h: relu.derivative(a),
    },
}


MULTIPLES = frozenset({
    "h² − 1", "½ (1 − h²)", "h ∘ (h − 1)", "1 − h², the ½ of a/2 forgotten",
    "½ (1 − tanh²(a/2)), twice it", "1 − tanh²(a/2), four times it",
})  # fmt: skip
"""Wrong slopes that are the right one times a constant."""


def _slope(base: Base, kind: str) -> Array | None:
    """Return a wrong φ′ (T, B, n); None where it is the right one by definition."""
    phi, a, h = base.net.phi.name, base.run.a, base.run.h
    match kind:
        case "missing":
            return np.ones_like(a)
        case "twice":
            return np.asarray(base.slope**2)
        case "formula of a":
            return None if phi in ("relu", "linear") else _formula(phi, a)
        case "at h":
            return None if phi in ("relu", "linear") else base.net.phi.derivative(h[1:])
        case "of the step before":
            return _formula(phi, h[:-1])
        case "of the step before, as a":
            return np.concatenate([base.slope[:1], base.slope[:-1]])
        case "of the step after":
            return np.concatenate([base.slope[1:], base.slope[-1:]])
        case "of the step after, one beyond":
            return np.concatenate([base.slope[1:], np.ones_like(a[:1])])
        case "of the step after, wrapped around":
            return np.concatenate([base.slope[1:], base.slope[:1]])
        case "of the last step":
            return np.asarray(base.slope[-1:] + 0 * base.slope)
        case "of the first step":
            return np.asarray(base.slope[:1] + 0 * base.slope)
    other = OTHER_SLOPES.get(phi, {}).get(kind)
    with np.errstate(all="ignore"):
        return None if other is None else np.asarray(other(a, h[1:]))


SLOPES = {
    "missing": "slope-missing",
    "twice": "slope-twice",
    "formula of a": "slope-of-preactivation",
    "at h": "slope-of-activated",
    "of the step before": "slope-of-another-step",
    "of the step before, as a": "slope-of-another-step",
    "of the step after": "slope-of-another-step",
    "of the step after, one beyond": "slope-of-another-step",
    "of the step after, wrapped around": "slope-of-another-step",
    "of the last step": "stale-cache",
    "of the first step": "stale-cache",
}


def _with_slope(kind: str, where: str, base: Base) -> Flow | None:
    s = _slope(base, kind)
    if s is None:
        return None
    if where == "weights":
        return propagate(base, of_weights=s)
    if where == "message":
        return propagate(base, message=lambda t, f: (f.dh[t] * s[t - 1]) @ base.W)
    return propagate(base, slope=s)


def slopes() -> Iterator[Pass]:
    """Yield the passes with another φ′, or none, everywhere or on one path."""
    for kind, cause in SLOPES.items():
        detail = "" if kind in ("missing", "twice", "formula of a", "at h") else f"φ′ {kind}"
        yield Pass(cause, detail, partial(_with_slope, kind, "everywhere"))
        in_part = cause if cause != "slope-missing" else ""
        yield Pass(in_part or "slope-missing-in-message", f"{detail} in the message alone".strip(),
                   partial(_with_slope, kind, "message"))  # fmt: skip
        yield Pass(in_part or "slope-missing-in-weights",
                   f"{detail} in the sums over time alone".strip(),
                   partial(_with_slope, kind, "weights"))  # fmt: skip
    for name in dict.fromkeys(n for others in OTHER_SLOPES.values() for n in others):
        yield Pass("slope-of-another-function", f"φ′ is {name}",
                   partial(_with_slope, name, "everywhere"))  # fmt: skip
        if name not in MULTIPLES:  # there, it is the message that has a factor
            yield Pass("slope-of-another-function", f"φ′ is {name} in the message alone",
                       partial(_with_slope, name, "message"))  # fmt: skip
    for least in (1e-3, 0.01, 0.05, 0.1, 0.25, 0.5):
        yield Pass("slope-clamped", f"φ′ is at least {least:g}",
                   partial(_clamped, least))  # fmt: skip
    yield Pass("slope-of-another-function", "φ′ is 1 where ∂L/∂h > 0", _mask_of_gradient)
    yield Pass("slope-missing-in-message", "on the path from the next state alone",
               partial(two_slopes, lambda b: b.slope, lambda b: np.ones_like(b.slope))
               )  # fmt: skip
    yield Pass("slope-of-another-step", "φ′ of the step after, on the path from the next state",
               partial(two_slopes, lambda b: b.slope, lambda b: moved(b.slope, 1, "repeated"))
               )  # fmt: skip
    yield Pass("slope-wrong-side", "φ′ ∘ (Wᵀ ∂L/∂h_{t+1})",
               _message(lambda t, f: (f.dh[t] @ f.base.W) * f.base.slope[t - 1]))  # fmt: skip


def _clamped(least: float, base: Base) -> Flow:
    return propagate(base, slope=np.maximum(base.slope, least))


def _mask_of_gradient(base: Base) -> Flow:
    return propagate(
        base, slope=np.ones_like(base.slope), on_preactivation=lambda g: np.maximum(g, 0.0)
    )


def two_slopes(
    on_output: Callable[[Base], Array], on_message: Callable[[Base], Array], base: Base
) -> Flow:
    """∂L/∂a_t = (one slope) ∘ Vᵀ ∂L/∂o_t + (another) ∘ Wᵀ ∂L/∂a_{t+1}."""
    first, second = on_output(base), on_message(base)

    def message(t: int, flow: Flow) -> Array:
        coming = flow.dh[t] - flow.inject[t - 1]
        flow.da[t - 1] = flow.inject[t - 1] * first[t - 1] + second[t - 1] * coming
        return np.asarray(flow.da[t - 1] @ base.W)

    return propagate(base, message=message)


def _message(message: Callable[[int, Flow], Array]) -> Make:
    return lambda base: propagate(base, message=message)


def _send(flow: Flow, t: int) -> Array:
    return np.asarray(flow.da[t - 1] @ flow.base.W)

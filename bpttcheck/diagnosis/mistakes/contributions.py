"""What a step contributes to a sum, from behind and from the front, and what it is taken for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from bpttcheck.arithmetic.base import Array
from bpttcheck.diagnosis.backward.along_time import moved, of_first, stale
from bpttcheck.diagnosis.backward.flow import Flow
from bpttcheck.diagnosis.recognition.shape import Shape

Key: TypeAlias = tuple[str, str]
"""A cause, and what exactly is done."""
Change = Callable[[Flow, str], Array | None]
"""From a pass and a role to what stands there instead."""


def drive(flow: Flow, role: str) -> Array:
    """Return ∂L/∂k of the gate that a weight belongs to, as its product meets it."""
    one = flow.base.shape.roles[role]
    return flow.d[one.gate] * (flow.met(one.gate) if one.kind in "WH" else 1.0)


def sloped(flow: Flow, role: str) -> Array:
    """Return the slope of the gate that a weight belongs to."""
    return flow.slopes[flow.base.shape.roles[role].gate]


def _before(flow: Flow, role: str) -> Array:
    """Return ∂L/∂k of the step before; of the state itself where it is its own gate."""
    if flow.base.shape.plain:
        return np.concatenate([flow.states["h"][:1], flow.d["h"][:-1]])
    return moved(drive(flow, role), -1, "zero")


LEFTS: dict[Key, Change] = {
    ("slope-missing-in-weights", "∂L/∂h_t for ∂L/∂a_t"): drive,
    ("slope-twice", "φ′ applied once more in the sum"): lambda f, r: f.left(r) * sloped(f, r),
    ("recurrent-terms-missing", ""): lambda f, r: f.alone.left(r),
    ("recurrent-terms-missing", "and no φ′"): lambda f, r: drive(f.alone, r),
    ("output-terms-missing", ""): lambda f, r: f.left(r) - f.alone.left(r),
    ("step-shifted", "∂L/∂a_{t+1} at step t"): lambda f, r: moved(f.left(r), 1, "zero"),
    ("step-shifted", "∂L/∂a_{t−1} at step t"): lambda f, r: moved(f.left(r), -1, "zero"),
    ("step-shifted", "∂L/∂a_{t+1} at step t, wrapped around"): lambda f, r: moved(
        f.left(r), 1, "wrapped around"
    ),
    ("step-shifted", "∂L/∂h_{t−1} for ∂L/∂a_t"): _before,
    ("stale-cache", "∂L/∂a_1 at every step"): lambda f, r: stale(f.left(r), 0),
    ("stale-cache", "∂L/∂a_T at every step"): lambda f, r: stale(f.left(r)),
    ("time-reversed", "∂L/∂a"): lambda f, r: f.left(r)[::-1],
}


def _all(flow: Flow, role: str) -> Array:
    """Return what W_k reads at all steps, and the last state after it."""
    return np.concatenate([flow.right(role), flow.base.run.made["h"][-1:]])


def _a(flow: Flow, role: str) -> Array | None:
    """Return the pre-activation of the gate; None where an output has several."""
    if role == "V":
        return flow.base.a[""] if flow.base.shape.plain else None
    return flow.base.a[flow.base.shape.roles[role].gate]


def _before_as_a(flow: Flow, role: str) -> Array | None:
    a, read = _a(flow, role), flow.right(role)
    return None if a is None or a.shape != read.shape else np.concatenate([read[:1], a[:-1]])


def _last_but_first(flow: Flow, role: str) -> Array:
    h = _all(flow, role)
    return np.concatenate([h[:1], 0 * h[1:-1] + h[-1]])


OF_W: dict[Key, Change] = {
    ("state-shifted", "h_t for h_{t−1}"): lambda f, r: _all(f, r)[1:],
    ("state-wraps-around", ""): lambda f, r: of_first(f.right(r), _all(f, r)[-1]),
    ("state-shifted", "h_{t−2} for h_{t−1}"): lambda f, r: moved(f.right(r), -1),
    ("initial-state-forgotten", ""): lambda f, r: of_first(f.right(r), 0.0),
    ("preactivation-for-state", "a_{t−1} for h_{t−1}"): _before_as_a,
    ("preactivation-for-state", "a_t for h_{t−1}"): _a,
    ("stale-cache", "h_T at every step"): lambda f, r: stale(_all(f, r))[1:],
    ("stale-cache", "h_T at every step but the first"): _last_but_first,
    ("stale-cache", "h_{T−1} at every step"): lambda f, r: stale(f.right(r)),
    ("stale-cache", "h_0 at every step"): lambda f, r: stale(f.right(r), 0),
    ("time-reversed", "the states"): lambda f, r: f.right(r)[::-1],
    ("time-reversed", "the states h_1 … h_T"): lambda f, r: _all(f, r)[1:][::-1],
}
OF_U: dict[Key, Change] = {
    ("step-shifted", "x_{t−1} for x_t"): lambda f, r: moved(f.right(r), -1),
    ("step-shifted", "x_{t−1} for x_t, zero before the first"): lambda f, r: moved(
        f.right(r), -1, "zero"
    ),
    ("step-shifted", "x_{t−1} for x_t, x_T at the first step"): lambda f, r: moved(
        f.right(r), -1, "wrapped around"
    ),
    ("step-shifted", "x_{t+1} for x_t"): lambda f, r: moved(f.right(r), 1),
    ("step-shifted", "x_{t+1} for x_t, zero after the last"): lambda f, r: moved(
        f.right(r), 1, "zero"
    ),
    ("step-shifted", "x_{t+1} for x_t, x_1 at the last step"): lambda f, r: moved(
        f.right(r), 1, "wrapped around"
    ),
    ("stale-cache", "x_T at every step"): lambda f, r: stale(f.right(r)),
    ("stale-cache", "x_1 at every step"): lambda f, r: stale(f.right(r), 0),
    ("time-reversed", "the inputs"): lambda f, r: f.right(r)[::-1],
    ("state-for-input", "h_{t−1} for x_t"): lambda f, r: f.base.values["h-"],
}
OF_V: dict[Key, Change] = {
    ("state-shifted", "h_{t−1} for h_t"): lambda f, r: f.base.values["h-"],
    ("state-shifted", "h_{t+1} for h_t"): lambda f, r: moved(f.right(r), 1),
    ("state-shifted", "h_{t+1} for h_t, h_1 at the last step"): lambda f, r: moved(
        f.right(r), 1, "wrapped around"
    ),
    ("state-wraps-around", "h_{t−1} for h_t, h_T at the first step"): lambda f, r: moved(
        f.right(r), -1, "wrapped around"
    ),
    ("preactivation-for-state", "a_t for h_t"): _a,
    ("stale-cache", "h_T at every step"): lambda f, r: stale(f.right(r)),
    ("stale-cache", "h_1 at every step"): lambda f, r: stale(f.right(r), 0),
    ("time-reversed", "the states"): lambda f, r: f.right(r)[::-1],
}


def of_gate(shape: Shape, cause: str) -> str:
    """Return a cause as it is called where there are gates."""
    gated = {"slope-missing-in-weights": "gate-slope-missing", "slope-twice": "gate-slope-twice"}
    return cause if shape.plain else gated.get(cause, cause)
